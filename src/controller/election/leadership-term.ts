/** The time from taking the lead to losing it: lasts while renewals succeed, and ends by its own clock if they don't. */
import type { LeadershipListener } from './leadership.ts';
import { RENEW_DEADLINE_MS } from './lease-times.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

/** By the monotonic and by the wall clock. */
export interface Moment {
  readonly atMs: number;
  readonly at: Date;
}

interface Dependencies {
  readonly candidate: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class LeadershipTerm {
  readonly #deps: Dependencies;
  #listener: LeadershipListener | undefined;
  #isOn = false;
  /** When the last renewal that succeeded was sent. */
  #renewal: Moment = { atMs: -Infinity, at: new Date(0) };
  #cancelDeadline: () => void = () => undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Sets the listener, which is called when a term begins and ends. */
  listen(listener: LeadershipListener): void {
    this.#listener = listener;
  }

  isLeading(): boolean {
    const { clock } = this.#deps;
    const { atMs, at } = this.#renewal;
    if (!this.#isOn || clock.monotonicMs() - atMs >= RENEW_DEADLINE_MS) return false;
    // Monotonic time stops while a machine is suspended. A wall clock that was merely set costs one renewal.
    return clock.now().getTime() - at.getTime() < RENEW_DEADLINE_MS;
  }

  /** A renewal that was sent at `sent` has succeeded: begins a term, or prolongs it. `previousHolder`: who led before. */
  renew(sent: Moment, previousHolder: string): void {
    const { clock, log, candidate } = this.#deps;
    this.#renewal = sent;
    const leftMs = sent.atMs + RENEW_DEADLINE_MS - clock.monotonicMs();
    // The answer to a renewal that was sent before this process was suspended.
    if (leftMs <= 0) return this.end('the renewal took too long');
    this.#cancelDeadline();
    this.#cancelDeadline = clock.after(leftMs, () =>
      this.end('the lease could not be renewed in time'),
    );
    if (this.#isOn) return;
    this.#isOn = true;
    log.info({ holder: candidate, previousHolder }, 'leading');
    this.#listener?.onStarted();
  }

  /** Ends the term, if there is one. */
  end(cause: string, holder?: string): void {
    if (!this.#isOn) return;
    const { log, candidate } = this.#deps;
    this.#isOn = false;
    this.#cancelDeadline();
    log.info(
      { candidate, cause, ...(holder === undefined ? {} : { holder }) },
      'no longer leading',
    );
    this.#listener?.onStopped();
  }
}
