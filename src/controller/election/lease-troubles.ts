/** What keeps a process from its lease: told in the log once in a while, and to readiness where a person must act. */
import { StalledError, renderError } from '../../domain/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';

/** A lease that can't be had is logged once in so long. */
const COMPLAIN_EVERY_MS = 60_000;

interface Dependencies {
  readonly candidate: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class LeaseTroubles {
  readonly #deps: Dependencies;
  readonly #complaints = new DuplicateFilter(COMPLAIN_EVERY_MS);
  #refusal: string | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Why no lease can be had until a person acts. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** The lease has been had. */
  clear(): void {
    this.#complaints.forget('lease');
    this.#refusal = undefined;
  }

  note(err: unknown): void {
    const { clock, log, candidate } = this.#deps;
    // What passes by itself meanwhile is no answer to the refusal.
    if (err instanceof StalledError) this.#refusal = renderError(err);
    if (!this.#complaints.isNews('lease', '', clock.monotonicMs())) {
      log.debug({ candidate, err }, 'lease not had');
      return;
    }
    const level = err instanceof StalledError ? 'error' : 'warn';
    log[level]({ candidate, err }, 'lease can be neither read nor renewed');
  }
}
