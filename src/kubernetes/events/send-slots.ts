/** How many Events are sent at the same time. One that takes long gives its place to another. */
import type { Clock } from '../../base/clock.ts';

/** Events are the least urgent of our requests to the API server. */
const AT_ONCE = 4;
/** From then on it no longer counts: hundreds of namespaces whose Events hang must not hold up the others. */
const SLOW_MS = 1_000;

export interface Slot {
  /** To be called when the request is sent; may be called again. */
  begin(): void;
  /** May be called again. */
  release(): void;
}

export class SendSlots {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #onFree: () => void;
  #free = AT_ONCE;

  /** `onFree` is called when a place is free because a request takes long. */
  constructor(clock: Pick<Clock, 'after'>, onFree: () => void) {
    this.#clock = clock;
    this.#onFree = onFree;
  }

  get areFree(): boolean {
    return this.#free > 0;
  }

  take(): Slot {
    this.#free -= 1;
    let isHeld = true;
    let cancel = (): void => undefined;
    const release = (): void => {
      cancel();
      if (isHeld) this.#free += 1;
      isHeld = false;
    };
    const begin = (): void => {
      cancel();
      cancel = this.#clock.after(SLOW_MS, () => {
        release();
        this.#onFree();
      });
    };
    return { begin, release };
  }
}
