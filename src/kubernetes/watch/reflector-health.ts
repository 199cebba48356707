/** The health of a reflector, for readiness and metrics. */
import type { Clock } from '../../base/clock.ts';
import type { EndCause } from './watch-ending.ts';

export interface ReflectorState {
  /** The cache has held a complete list at least once. */
  readonly synced: boolean;
  /** Why the API server denies us the list or the watch, as long as it does. */
  readonly denied: string | undefined;
  /** Why the last list or watch that failed did so. */
  readonly lastFault: string | undefined;
  /** When a list or watch last brought any data, by the monotonic clock. A refusal does not count: it keeps no cache up to date. */
  readonly lastContactMs: number | undefined;
  /** When the last event, bookmark or complete list came. */
  readonly lastEventAt: Date | undefined;
}

export class ReflectorHealth {
  #synced = false;
  #denied: { readonly list?: string; readonly watch?: string } = {};
  #lastFault: string | undefined;
  #lastContactMs: number | undefined;
  #lastEventAt: Date | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): ReflectorState {
    return {
      synced: this.#synced,
      denied: this.#denied.list ?? this.#denied.watch,
      lastFault: this.#lastFault,
      lastContactMs: this.#lastContactMs,
      lastEventAt: this.#lastEventAt,
    };
  }

  dataReceived(): void {
    this.#lastContactMs = this.#clock.monotonicMs();
  }

  eventReceived(): void {
    this.dataReceived();
    this.#lastEventAt = this.#clock.now();
  }

  allowed(verb: 'list' | 'watch'): void {
    const { [verb]: _, ...other } = this.#denied;
    this.#denied = other;
  }

  listed(): void {
    this.eventReceived();
    this.#synced = true;
  }

  /** `verb`: what was under way when it ended. */
  ended(cause: EndCause, verb: 'list' | 'watch', message: string): void {
    if (cause !== 'ended' && cause !== 'relist') this.#lastFault = message;
    if (cause === 'denied') this.#denied = { ...this.#denied, [verb]: message };
  }
}
