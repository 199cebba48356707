/** What a reflector says of itself, for readiness, metrics and the status page. */
import type { EndCause } from './watch-ending.ts';

export interface ReflectorState {
  /** The cache has held a whole list since some time. */
  readonly synced: boolean;
  /** Why we may not list or watch, while that is so. */
  readonly denied: string | undefined;
  /** Why the last list or watch ended that did not end in good order. */
  readonly lastFault: string | undefined;
  /** Any byte of a list or a watch. A refusal is an answer, but keeps no cache up to date. */
  readonly lastContactAt: Date | undefined;
  /** An event or bookmark, or a list. */
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

  heard(at: Date): void {
    this.#lastContactAt = at;
  }

  told(at: Date): void {
    this.heard(at);
    this.#lastEventAt = at;
  }

  allowed(verb: 'list' | 'watch'): void {
    const { [verb]: _, ...other } = this.#denied;
    this.#denied = other;
  }

  listed(at: Date): void {
    this.told(at);
    this.#synced = true;
  }

  /** `verb`: what we were doing when it ended. */
  ended(cause: EndCause, verb: 'list' | 'watch', message: string): void {
    if (cause !== 'ended' && cause !== 'relist') this.#lastFault = message;
    if (cause === 'denied') this.#denied = { ...this.#denied, [verb]: message };
  }
}
