/** Remembers since when each namespace has asked for a refresh: a request counts from the moment it was first seen. */

interface Seen {
  readonly value: string;
  /** `undefined`: it is satisfied. */
  readonly at: Date | undefined;
}

export class RefreshRequests {
  readonly #seen = new Map<string, Seen>();

  /**
   * Since when the request is open; `undefined` if none is. A satisfied request is remembered, so that it does not count as
   * a new one when the Secret that recorded it is lost.
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
    const since = seen?.value === value ? seen.at : now;
    // A time in the future is from before the clock was set back: until then, no token would be new enough.
    const openSince = since !== undefined && since > now ? now : since;
    const at = value === satisfied ? undefined : openSince;
    this.#seen.set(namespace, { value, at });
    return at;
  }

  forget(namespace: string): void {
    this.#seen.delete(namespace);
  }
}
