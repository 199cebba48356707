/** Remembers since when each namespace asks for a refresh: a request counts from the moment it was first seen. */

interface Seen {
  readonly value: string;
  readonly at: Date;
}

export class RefreshRequests {
  readonly #seen = new Map<string, Seen>();

  /** When this value was first seen to differ from the Secret's; `undefined` where there is no open request. */
  seenAt(
    namespace: string,
    request: { readonly value: string | undefined; readonly satisfied: string | undefined },
    now: Date,
  ): Date | undefined {
    const { value, satisfied } = request;
    if (value === undefined || value === satisfied) {
      this.#seen.delete(namespace);
      return undefined;
    }
    const seen = this.#seen.get(namespace);
    if (seen?.value === value) return seen.at;
    this.#seen.set(namespace, { value, at: now });
    return now;
  }

  forget(namespace: string): void {
    this.#seen.delete(namespace);
  }
}
