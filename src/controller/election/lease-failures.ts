/** What keeps a process from its lease: logged once in a while, and shown by readiness if a person must act. */
import { StalledError, renderError } from '../../domain/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';

/** A lease that can't be read or renewed is logged this often. */
const REPORT_EVERY_MS = 60_000;

interface Dependencies {
  readonly candidate: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class LeaseFailures {
  readonly #deps: Dependencies;
  readonly #reported = new DuplicateFilter(REPORT_EVERY_MS);
  #refusal: string | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Why this process can't compete until a person acts. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** The last attempt succeeded. */
  clear(): void {
    this.#reported.forget('lease');
    this.#refusal = undefined;
  }

  note(err: unknown): void {
    const { clock, log, candidate } = this.#deps;
    // A failure that passes by itself does not end the refusal.
    if (err instanceof StalledError) this.#refusal = renderError(err);
    if (!this.#reported.isNews('lease', '', clock.monotonicMs())) {
      log.debug({ candidate, err }, 'lease not acquired');
      return;
    }
    const level = err instanceof StalledError ? 'error' : 'warn';
    log[level]({ candidate, err }, 'lease can be neither read nor renewed');
  }
}
