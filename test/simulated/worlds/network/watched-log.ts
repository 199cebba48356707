/** A log that searches every line for tokens, and keeps what a person should read. */
import type { LogFields } from '../../../../src/base/log.ts';
import { holdsCanary } from '../../../support/suite/canary.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

export class WatchedLog extends RecordedLog {
  readonly #onLine: (level: Level, message: string, fields: LogFields) => void;
  readonly #onLeak: (message: string) => void;

  constructor(
    onLine: (level: Level, message: string, fields: LogFields) => void,
    onLeak: (message: string) => void,
  ) {
    super();
    this.#onLine = onLine;
    this.#onLeak = onLeak;
  }

  override debug(fields: LogFields, message: string): void {
    this.#see('debug', fields, message);
  }

  override info(fields: LogFields, message: string): void {
    this.#see('info', fields, message);
  }

  override warn(fields: LogFields, message: string): void {
    this.#see('warn', fields, message);
  }

  override error(fields: LogFields, message: string): void {
    this.#see('error', fields, message);
  }

  #see(level: Level, fields: LogFields, message: string): void {
    if (leaks(fields, 0)) this.#onLeak(message);
    this.#onLine(level, message, fields);
  }
}

/** Everything that a serializer could reach: errors with stack and cause, lists, nested fields. */
function leaks(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length > 20 && holdsCanary(value);
  if (typeof value !== 'object' || value === null || depth > 8) return false;
  if (value instanceof Error) {
    const { message, cause } = value;
    if (leaks(message, depth) || leaks(cause, depth + 1)) return true;
  }
  return Object.values(value).some((field) => leaks(field, depth + 1));
}
