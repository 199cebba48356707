/** Records, with its own watches, when each namespace gets its `default` ServiceAccount, its pull secret and its reference. */
import { performance } from 'node:perf_hooks';
import type { AdminClient, KubeObject } from '../test/support/control-plane/admin-client.ts';
import { type AccountToAttach, accountToAttach } from './bare-writes.ts';
import { PULL_SECRET } from './bench-names.ts';

const ACCOUNTS = '/api/v1/serviceaccounts?fieldSelector=metadata.name%3Ddefault';
const SECRETS = `/api/v1/secrets?fieldSelector=metadata.name%3D${PULL_SECRET}`;

/** Times are values of `performance.now()`, in ms. */
interface Arrival {
  account?: AccountToAttach;
  accountAt?: number;
  secretAt?: number;
  referenceAt?: number;
}

interface Waiting {
  readonly namespaces: Set<string>;
  readonly isThere: (arrival: Arrival) => boolean;
  readonly resolve: () => void;
}

export class Arrivals {
  readonly #abort = new AbortController();
  readonly #byNamespace = new Map<string, Arrival>();
  readonly #waiting = new Set<Waiting>();

  /** The watches run until `stop`. */
  constructor(client: AdminClient) {
    void this.#follow(client, ACCOUNTS);
    void this.#follow(client, SECRETS);
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Forgets everything seen of these namespaces except their ServiceAccounts. */
  forgetReady(namespaces: readonly string[]): void {
    for (const namespace of namespaces) {
      const arrival = this.#get(namespace);
      delete arrival.secretAt;
      delete arrival.referenceAt;
    }
  }

  /** Waits for the `default` ServiceAccounts; returns them as last seen. */
  async accounts(namespaces: readonly string[]): Promise<readonly AccountToAttach[]> {
    await this.#until(namespaces, ({ account }) => account !== undefined);
    return namespaces.flatMap((namespace) => this.#get(namespace).account ?? []);
  }

  /** Resolves when every namespace has its pull secret and its reference, with the time when the last one was ready. */
  async untilReady(namespaces: readonly string[]): Promise<number> {
    await this.#until(namespaces, (arrival) => readyAt(arrival) !== undefined);
    return Math.max(...namespaces.map((namespace) => readyAt(this.#get(namespace)) ?? 0));
  }

  /** From the first sight of the ServiceAccount until Secret and reference exist, in ms; NaN if one is missing. */
  latencyOf(namespace: string): number {
    const arrival = this.#get(namespace);
    return (readyAt(arrival) ?? NaN) - (arrival.accountAt ?? NaN);
  }

  async #follow(client: AdminClient, path: string): Promise<void> {
    while (!this.#abort.signal.aborted) {
      for await (const { type, object } of client.watch(path, this.#abort.signal)) {
        if (type === 'ADDED' || type === 'MODIFIED') this.#see(object, performance.now());
      }
    }
  }

  #see(object: KubeObject, now: number): void {
    const { namespace = '' } = object.metadata;
    const arrival = this.#get(namespace);
    if (object.kind === 'Secret') arrival.secretAt ??= now;
    else {
      arrival.account = accountToAttach(object);
      arrival.accountAt ??= now;
      if (isAttached(object)) arrival.referenceAt ??= now;
    }
    for (const waiting of this.#waiting) this.#check(waiting, namespace);
  }

  #get(namespace: string): Arrival {
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const arrival: Arrival = {};
    this.#byNamespace.set(namespace, arrival);
    return arrival;
  }

  async #until(namespaces: readonly string[], isThere: Waiting['isThere']): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { namespaces: new Set(namespaces), isThere, resolve };
    this.#waiting.add(waiting);
    for (const namespace of namespaces) this.#check(waiting, namespace);
    await promise;
  }

  #check(waiting: Waiting, namespace: string): void {
    if (waiting.isThere(this.#get(namespace))) waiting.namespaces.delete(namespace);
    if (waiting.namespaces.size > 0) return;
    this.#waiting.delete(waiting);
    waiting.resolve();
  }
}

function isAttached(account: KubeObject): boolean {
  const references = (account['imagePullSecrets'] ?? []) as readonly { readonly name: string }[];
  return references.some(({ name }) => name === PULL_SECRET);
}

function readyAt({ secretAt, referenceAt }: Arrival): number | undefined {
  if (secretAt === undefined || referenceAt === undefined) return undefined;
  return Math.max(secretAt, referenceAt);
}
