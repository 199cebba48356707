/** Remembers since when each namespace asks for a refresh: a request counts from the moment it was first seen. */

interface Seen {
  readonly value: string;
  /** `undefined`: it was satisfied when this process first saw it. */
  readonly at: Date | undefined;
}

export class RefreshRequests {
  readonly #seen = new Map<string, Seen>();

  /**
   * When this value was first seen to differ from the Secret's; `undefined` where it never did. A request that was
   * satisfied is remembered: it must not count as a new one when the Secret, and its note of it, are lost.
   */
  seenAt(
    namespace: string,
    request: { readonly value: string | undefined; readonly satisfied: string | undefined },
    now: Date,
  ): Date | undefined {
    const { value, satisfied } = request;
    if (value === undefined) {
      this.#seen.delete(namespace);
      return undefined;
    }
    const seen = this.#seen.get(namespace);
    if (seen?.value === value) return seen.at;
    const at = value === satisfied ? undefined : now;
    this.#seen.set(namespace, { value, at });
    return at;
  }

  forget(namespace: string): void {
    this.#seen.delete(namespace);
  }
}
