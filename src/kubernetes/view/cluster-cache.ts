/** What we know of the cluster: namespaces, their ServiceAccounts, and our Secret in each. */
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

export class ClusterCache implements ClusterView {
  readonly namespaceCache: PartedCache<CachedNamespace>;
  readonly serviceAccountCache: PartedCache<CachedServiceAccount>;
  readonly pullSecretCache: PartedCache<CachedPullSecret>;
  readonly #secretName: string;

  /** A namespace of a limited scope is a part of its own, as its reflectors are. */
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

  /** `notice` hears of every change, once the caches have it. */
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

  observe(name: string): ObservedNamespace | undefined {
    const namespace = this.namespaceCache.get(undefined, name);
    if (namespace === undefined) return undefined;
    return {
      ...namespace,
      serviceAccounts: [...this.serviceAccountCache.inNamespace(name)],
      pullSecret: this.pullSecretCache.get(name, this.#secretName),
    };
  }

  namespaces(): Iterable<CachedNamespace> {
    return this.namespaceCache.all();
  }

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
