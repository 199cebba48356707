/** What a cleanup has done so far. */

export class Tally {
  readonly #namespaces = new Set<string>();
  #deletedSecrets = 0;
  #detached = 0;
  #detachedStrays = 0;

  get counts() {
    return {
      deletedSecrets: this.#deletedSecrets,
      detachedServiceAccounts: this.#detached,
      namespaces: this.#namespaces.size,
      detachedStrayEntries: this.#detachedStrays,
    };
  }

  deleted(namespace: string): void {
    this.#deletedSecrets += 1;
    this.#namespaces.add(namespace);
  }

  /** A ServiceAccount named our Secret. */
  detached(namespace: string): void {
    this.#detached += 1;
    this.#namespaces.add(namespace);
  }

  /** A ServiceAccount named a Secret that was not there. */
  detachedStray(namespace: string): void {
    this.#detachedStrays += 1;
    this.#namespaces.add(namespace);
  }
}
