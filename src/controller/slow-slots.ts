/** Bounds how many requests of slow passes are in flight. */

export class SlowSlots {
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #limit: number;
  #free: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#free = limit;
  }

  get taken(): number {
    return this.#limit - this.#free;
  }

  /** False if that many are not free, or if somebody waits for some. */
  tryTake(count: number): boolean {
    if (count > this.#free || this.#waiting.length > 0) return false;
    this.#free -= count;
    return true;
  }

  /** Resolves when the caller has them; first come, first served. */
  take(count: number): Promise<void> {
    if (this.tryTake(count)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  release(count: number): void {
    this.#free += count;
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      if (first.count > this.#free) return;
      this.#waiting.shift();
      this.#free -= first.count;
      first.resolve();
    }
  }
}
