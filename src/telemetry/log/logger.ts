/** The log: one line per event, as JSON for machines or as plain text for people. */
import { pino, stdTimeFunctions } from 'pino';
import type { Log } from '../../base/log.ts';
import { redactLine } from './redact-line.ts';
import { renderPretty } from './render-pretty.ts';
import { serializeError } from './serialize-error.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_FORMATS = ['json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Fields that every line has, such as the instance. */
  readonly base: Readonly<Record<string, unknown>>;
  /** Receives whole lines. */
  readonly write: (line: string) => void;
}

/** Names of fields in foreign objects that hold secrets; our own tokens are `SecretText`, which prints nothing. */
const SECRET_NAMES = [
  'auth',
  'authorization',
  'Authorization',
  'authorizationToken',
  'token',
  'password',
  'secretAccessKey',
  'sessionToken',
  'dockerConfig',
  '["x-amz-security-token"]',
];

export function createLog({ level, format, base, write }: LogOptions): Log {
  const render = format === 'pretty' ? renderPretty : (line: string) => line;
  const stream = { write: (line: string) => write(redactLine(render(line))) };
  return pino(
    {
      level,
      base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withErrorsSerialized },
      // `formatters.log` has already serialised the errors; pino's own serialiser would do it again.
      serializers: { err: (fields: unknown) => fields },
      redact: { paths: SECRET_NAMES.flatMap(atTwoDepths), censor: '[redacted]' },
    },
    stream,
  );
}

/** Errors under any name, not only `err`: as plain objects they would show the requests that SDKs attach to them. */
function withErrorsSerialized(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        name === 'err' || value instanceof Error ? serializeError(value) : value,
      ]),
  );
}

function atTwoDepths(name: string): readonly string[] {
  return name.startsWith('[') ? [name, `*${name}`] : [name, `*.${name}`];
}
