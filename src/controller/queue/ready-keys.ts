/** Keys of one priority that wait for a worker, in order of arrival. */

export class ReadyKeys {
  /** By key, its place in the order of all arrivals. */
  readonly #order = new Map<string, number>();
  /** In order of arrival; may hold keys that have left, which are skipped. */
  #stack: { readonly key: string; readonly order: number }[] = [];

  get size(): number {
    return this.#order.size;
  }

  has(key: string): boolean {
    return this.#order.has(key);
  }

  keys(): Iterable<string> {
    return this.#order.keys();
  }

  add(key: string, order: number): void {
    this.#order.set(key, order);
    this.#stack.push({ key, order });
    if (this.#stack.length > 64 && this.#stack.length > 2 * this.#order.size) {
      this.#stack = this.#stack.filter((item) => this.#isHere(item));
    }
  }

  delete(key: string): void {
    this.#order.delete(key);
  }

  clear(): void {
    this.#order.clear();
    this.#stack = [];
  }

  oldest(): { readonly key: string; readonly order: number } | undefined {
    const [first] = this.#order;
    return first === undefined ? undefined : { key: first[0], order: first[1] };
  }

  newest(): { readonly key: string; readonly order: number } | undefined {
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      if (this.#isHere(top)) return top;
      this.#stack.pop();
    }
    return undefined;
  }

  #isHere({ key, order }: { readonly key: string; readonly order: number }): boolean {
    return this.#order.get(key) === order;
  }
}
