/** The values of a thing over time. */

interface Entry<T> {
  readonly atMs: number;
  readonly value: T;
}

export class Timeline<T> {
  readonly #entries: Entry<T>[];

  constructor(first: T, atMs = -Infinity) {
    this.#entries = [{ atMs, value: first }];
  }

  set(atMs: number, value: T): void {
    this.#entries.push({ atMs, value });
  }

  get now(): T {
    return this.#at(this.#entries.length - 1).value;
  }

  /** Since when it has had its current value. */
  get sinceMs(): number {
    return this.#at(this.#entries.length - 1).atMs;
  }

  /**
   * Since when, without a break of more than `toleratedMs`, its value has matched; `undefined`: it does not match now.
   */
  sinceWhen(isSuch: (value: T) => boolean, toleratedMs = 0): number | undefined {
    let sinceMs: number | undefined;
    let brokenMs: number | undefined;
    for (const { atMs, value } of this.#entries) {
      if (!isSuch(value)) {
        brokenMs ??= atMs;
        continue;
      }
      if (brokenMs !== undefined && atMs - brokenMs > toleratedMs) sinceMs = undefined;
      brokenMs = undefined;
      sinceMs ??= atMs;
    }
    return brokenMs === undefined ? sinceMs : undefined;
  }

  /** Every value that it had from just before `fromMs` until `toMs`, oldest first. */
  during(fromMs: number, toMs: number): readonly T[] {
    const values: T[] = [];
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const { atMs, value } = this.#at(index);
      if (atMs <= toMs) values.unshift(value);
      if (atMs < fromMs) break;
    }
    return values;
  }

  #at(index: number): Entry<T> {
    const entry = this.#entries[index];
    if (entry === undefined) throw new Error('a timeline always has an entry');
    return entry;
  }
}
