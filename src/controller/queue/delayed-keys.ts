/** Keys with a due time each, in order of time. Of two times for one key the earlier stays. */

interface Delayed<Tag> {
  readonly key: string;
  readonly atMs: number;
  readonly tag: Tag;
}

export class DelayedKeys<Tag> {
  readonly #byKey = new Map<string, Delayed<Tag>>();
  /** Sorted by time; may hold items that `#byKey` no longer has, which are passed over when their time comes. */
  #inOrder: Delayed<Tag>[] = [];

  set(key: string, at: Date, tag: Tag): void {
    const item = { key, atMs: at.getTime(), tag };
    const present = this.#byKey.get(key);
    if (present !== undefined && present.atMs <= item.atMs) return;
    this.#byKey.set(key, item);
    this.#inOrder.splice(this.#lowerBound(item.atMs), 0, item);
    this.#dropSuperseded();
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }

  firstAt(): Date | undefined {
    const index = this.#inOrder.findIndex((item) => this.#isCurrent(item));
    // The dead in front are met once, not at every question.
    this.#inOrder.splice(0, index < 0 ? this.#inOrder.length : index);
    const [first] = this.#inOrder;
    return first === undefined ? undefined : new Date(first.atMs);
  }

  /** Takes out everything that is due at `now`, earliest first. */
  takeDue(now: Date): readonly { readonly key: string; readonly tag: Tag }[] {
    return this.#take(this.#lowerBound(now.getTime() + 1));
  }

  /** Takes out everything, earliest first. */
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

  /** Keeps the dead from outnumbering the living. */
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
