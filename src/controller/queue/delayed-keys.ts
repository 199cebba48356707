/** Keys, each with a due time, in the order of these times. If a key gets two times, the earlier one stays. */

interface Delayed<Tag> {
  readonly key: string;
  readonly atMs: number;
  readonly tag: Tag;
}

export class DelayedKeys<Tag> {
  readonly #byKey = new Map<string, Delayed<Tag>>();
  /** Sorted by time; may hold superseded items, which `#byKey` no longer has, and which are skipped. */
  #inOrder: Delayed<Tag>[] = [];

  set(key: string, at: Date, tag: Tag): void {
    const item = { key, atMs: at.getTime(), tag };
    const present = this.#byKey.get(key);
    if (present !== undefined && present.atMs <= item.atMs) return;
    this.#byKey.set(key, item);
    this.#inOrder.splice(this.#lowerBound(item.atMs), 0, item);
    this.#dropSuperseded();
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }

  firstAt(): Date | undefined {
    const index = this.#inOrder.findIndex((item) => this.#isCurrent(item));
    // Superseded items at the front are removed here, so that each is met only once.
    this.#inOrder.splice(0, index < 0 ? this.#inOrder.length : index);
    const [first] = this.#inOrder;
    return first === undefined ? undefined : new Date(first.atMs);
  }

  /** Removes and returns everything that is due at `now`, earliest first. */
  takeDue(now: Date): readonly { readonly key: string; readonly tag: Tag }[] {
    return this.#take(this.#lowerBound(now.getTime() + 1));
  }

  /** Removes and returns everything, earliest first. */
  takeAll(): readonly { readonly key: string; readonly tag: Tag }[] {
    return this.#take(this.#inOrder.length);
  }

  #take(count: number): readonly Delayed<Tag>[] {
    const due = this.#inOrder.splice(0, count).filter((item) => this.#isCurrent(item));
    for (const { key } of due) this.#byKey.delete(key);
    return due;
  }

  #isCurrent(item: Delayed<Tag>): boolean {
    return this.#byKey.get(item.key) === item;
  }

  /** Keeps superseded items from outnumbering the current ones. */
  #dropSuperseded(): void {
    if (this.#inOrder.length < 64 || this.#inOrder.length < 2 * this.#byKey.size) return;
    this.#inOrder = this.#inOrder.filter((item) => this.#isCurrent(item));
  }

  /** The first index whose time is not before `atMs`. */
  #lowerBound(atMs: number): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#inOrder[middle];
      if (item !== undefined && item.atMs < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
