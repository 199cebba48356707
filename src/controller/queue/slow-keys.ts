/** Keys whose work hung or kept failing, each with the cause, until it goes well again. */

export class SlowKeys {
  readonly #causes = new Map<string, string>();
  readonly #byCause = new Map<string, Set<string>>();
  readonly #failedOnce = new Set<string>();
  /** When the last key of each cause went well, counted in calls of `heal`. */
  readonly #healedAt = new Map<string, number>();
  #heals = 0;

  has(key: string): boolean {
    return this.#causes.has(key);
  }

  mark(key: string, cause: string): void {
    this.#remove(key);
    this.#causes.set(key, cause);
    const keys = this.#byCause.get(cause) ?? new Set();
    this.#byCause.set(cause, keys.add(key));
  }

  /** A first failure may be an accident, such as a race with another writer; the second one marks it. */
  fail(key: string, cause: string): void {
    if (this.#failedOnce.has(key)) this.mark(key, cause);
    else this.#failedOnce.add(key);
  }

  /** A point in time, for `isOverSince`. */
  get now(): number {
    return this.#heals;
  }

  /** Whether a key that was slow for the same cause has gone well since. */
  isOverSince(key: string, then: number): boolean {
    const cause = this.#causes.get(key);
    return cause !== undefined && (this.#healedAt.get(cause) ?? -1) > then;
  }

  /** Forgets the key; returns those that are slow for the same cause, which may be over. */
  heal(key: string): readonly string[] {
    this.#failedOnce.delete(key);
    const cause = this.#remove(key);
    if (cause === undefined) return [];
    this.#healedAt.set(cause, (this.#heals += 1));
    return [...(this.#byCause.get(cause) ?? [])];
  }

  #remove(key: string): string | undefined {
    const cause = this.#causes.get(key);
    if (cause === undefined) return undefined;
    this.#causes.delete(key);
    const keys = this.#byCause.get(cause);
    keys?.delete(key);
    if (keys?.size === 0) this.#byCause.delete(cause);
    return cause;
  }
}
