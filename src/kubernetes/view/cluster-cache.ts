/** The caches of the cluster: namespaces, their ServiceAccounts, and our Secret in each. */
import type { Log } from '../../base/log.ts';
import type { Change, ClusterView } from '../../controller/ports/cluster-view.ts';
import type {
  CachedNamespace,
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../domain/state/observed.ts';
import type { Scope } from '../../domain/scope.ts';
import { PartedCache } from './parted-cache.ts';

/**
 * The read side of the cluster for the controller. The reflectors fill the three caches; the readers and writers of
 * this process absorb the answers to their own requests. Reads never go to the network and never wait: before the
 * first lists are complete they show what is known so far, so callers wait for `untilSynced` first. Objects of
 * different kinds can be of different ages, and what a caller gets must not be changed. Everything is in memory only;
 * after a restart the reflectors fill it again.
 */
export class ClusterCache implements ClusterView {
  readonly namespaceCache: PartedCache<CachedNamespace>;
  readonly serviceAccountCache: PartedCache<CachedServiceAccount>;
  readonly pullSecretCache: PartedCache<CachedPullSecret>;
  readonly #secretName: string;

  /** With a limited scope, each namespace is a part of its own, because it has reflectors of its own. */
  constructor(secretName: string, scope: Scope, log: Log) {
    const part = (namespace = ''): string => (scope.kind === 'cluster' ? '' : namespace);
    this.#secretName = secretName;
    this.namespaceCache = new PartedCache(({ name }) => part(name), log);
    this.serviceAccountCache = new PartedCache(({ namespace }) => part(namespace), log);
    this.pullSecretCache = new PartedCache(({ namespace }) => part(namespace), log);
  }

  /** How many namespaces there are. */
  get size(): number {
    return this.namespaceCache.size;
  }

  /** Sets the one listener; a second call replaces it. `notice` is called after a cache has the change. */
  listen(notice: (change: Change) => void): void {
    this.namespaceCache.listen(({ kind, object }) => {
      notice({ resource: 'namespaces', kind, namespace: object.name });
    });
    this.serviceAccountCache.listen(({ kind, object }) => {
      notice({ resource: 'serviceaccounts', kind, namespace: object.namespace });
    });
    this.pullSecretCache.listen(({ kind, object }) => {
      notice({ resource: 'secrets', kind, namespace: object.namespace });
    });
  }

  /** The namespace with all that the caches have in it, as a snapshot; `undefined` if the namespace is not cached. */
  observe(name: string): ObservedNamespace | undefined {
    const namespace = this.namespaceCache.get(undefined, name);
    if (namespace === undefined) return undefined;
    return {
      ...namespace,
      serviceAccounts: [...this.serviceAccountCache.inNamespace(name)],
      pullSecret: this.pullSecretIn(name),
    };
  }

  pullSecretIn(namespace: string): CachedPullSecret | undefined {
    return this.pullSecretCache.get(namespace, this.#secretName);
  }

  namespaces(): Iterable<CachedNamespace> {
    return this.namespaceCache.all();
  }

  /** Every Secret with our Secret's name, whoever owns it; one whose namespace is not cached is left out. */
  *pullSecrets(): Iterable<PullSecretInNamespace> {
    for (const pullSecret of this.pullSecretCache.all()) {
      const namespace = this.namespaceCache.get(undefined, pullSecret.namespace);
      if (namespace !== undefined) yield { namespace, pullSecret };
    }
  }
}

interface PullSecretInNamespace {
  readonly namespace: CachedNamespace;
  readonly pullSecret: CachedPullSecret;
}
