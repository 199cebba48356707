/** Keys whose work hung or kept failing, each with the cause, until it goes well again. */

export class SlowKeys {
  readonly #causes = new Map<string, string>();
  readonly #byCause = new Map<string, Set<string>>();
  readonly #failedOnce = new Set<string>();

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

  /** Forgets the key; returns those that are slow for the same cause, which may be over. */
  heal(key: string): readonly string[] {
    this.#failedOnce.delete(key);
    const cause = this.#remove(key);
    return cause === undefined ? [] : [...(this.#byCause.get(cause) ?? [])];
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
