/** The health of a reflector, for readiness and metrics. */
import type { EndCause } from './watch-ending.ts';

export interface ReflectorState {
  /** The cache has held a complete list at least once. */
  readonly synced: boolean;
  /** Why the API server denies us the list or the watch, as long as it does. */
  readonly denied: string | undefined;
  /** Why the last list or watch that failed did so. */
  readonly lastFault: string | undefined;
  /** When a list or watch last brought any data. A refusal does not count: it keeps no cache up to date. */
  readonly lastContactAt: Date | undefined;
  /** When the last event, bookmark or complete list came. */
  readonly lastEventAt: Date | undefined;
}

export class ReflectorHealth {
  #synced = false;
  #denied: { readonly list?: string; readonly watch?: string } = {};
  #lastFault: string | undefined;
  #lastContactAt: Date | undefined;
  #lastEventAt: Date | undefined;

  get state(): ReflectorState {
    return {
      synced: this.#synced,
      denied: this.#denied.list ?? this.#denied.watch,
      lastFault: this.#lastFault,
      lastContactAt: this.#lastContactAt,
      lastEventAt: this.#lastEventAt,
    };
  }

  dataReceived(at: Date): void {
    this.#lastContactAt = at;
  }

  eventReceived(at: Date): void {
    this.dataReceived(at);
    this.#lastEventAt = at;
  }

  allowed(verb: 'list' | 'watch'): void {
    const { [verb]: _, ...other } = this.#denied;
    this.#denied = other;
  }

  listed(at: Date): void {
    this.eventReceived(at);
    this.#synced = true;
  }

  /** `verb`: what was under way when it ended. */
  ended(cause: EndCause, verb: 'list' | 'watch', message: string): void {
    if (cause !== 'ended' && cause !== 'relist') this.#lastFault = message;
    if (cause === 'denied') this.#denied = { ...this.#denied, [verb]: message };
  }
}
