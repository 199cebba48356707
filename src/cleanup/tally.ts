/** What a cleanup has done so far, told to whoever watches. */
import type { Clock } from '../base/clock.ts';
import type { PullSecretRecord } from '../domain/observed.ts';
import type { Cleared } from './clear-secret.ts';

const TELL_EVERY_MS = 3_000;
const TELL_EVERY_SECRETS = 100;

export class Tally {
  readonly #tell: (line: string) => void;
  readonly #namespaces = new Set<string>();
  readonly #deletedUids = new Set<string>();
  #detached = 0;
  #strays = 0;
  #open = 0;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  get counts() {
    return {
      deletedSecrets: this.#deletedUids.size,
      detachedServiceAccounts: this.#detached,
      namespaces: this.#namespaces.size,
      detachedStrayEntries: this.#strays,
    };
  }

  isDeleted({ uid }: PullSecretRecord): boolean {
    return this.#deletedUids.has(uid);
  }

  note(pullSecret: PullSecretRecord, { kind, detached }: Cleared): void {
    this.#detached += detached;
    if (kind === 'deleted') this.#deletedUids.add(pullSecret.uid);
    if (kind === 'deleted' || detached > 0) this.#namespaces.add(pullSecret.namespace);
    this.#open -= 1;
    if (kind === 'deleted' && this.#deletedUids.size % TELL_EVERY_SECRETS === 0) this.#sayDeleted();
  }

  noteStrays(namespace: string, detached: number): void {
    this.#strays += detached;
    if (detached > 0) this.#namespaces.add(namespace);
    this.#open -= 1;
  }

  /** Tells how far it is with the Secrets every few seconds, until the answer is called. */
  watch(clock: Clock, todo: number): () => void {
    return this.#watch(clock, todo, () => this.#sayDeleted());
  }

  /** With the namespaces in which nothing but entries is left. */
  watchStrays(clock: Clock, todo: number): () => void {
    const say = () =>
      this.#tell(`${this.#strays} stray entries detached, ${this.#open} namespaces to go`);
    return this.#watch(clock, todo, say);
  }

  #watch(clock: Clock, todo: number, say: () => void): () => void {
    this.#open = todo;
    let cancel = (): void => undefined;
    const wait = (): void => {
      cancel = clock.after(TELL_EVERY_MS, () => {
        say();
        wait();
      });
    };
    wait();
    return () => cancel();
  }

  #sayDeleted(): void {
    const { deletedSecrets, detachedServiceAccounts } = this.counts;
    this.#tell(
      `${deletedSecrets} Secrets deleted, ${detachedServiceAccounts} ServiceAccounts detached, ${this.#open} Secrets to go`,
    );
  }
}
