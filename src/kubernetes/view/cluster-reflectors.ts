/** The reflectors that fill the caches: what they watch, where, and the little that they keep. */
import type { Clock, Random } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Instance } from '../../domain/contract.ts';
import type { Scope } from '../../domain/scope.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { projectNamespace, projectServiceAccount } from './project-objects.ts';
import { projectPullSecret } from './project-pull-secret.ts';
import { unreadNamespace, unreadPullSecret, unreadServiceAccount } from './unread-objects.ts';
import type { ReflectorOptions } from '../watch/reflector-options.ts';
import { Reflector } from '../watch/reflector.ts';
import {
  collectionPath,
  METADATA,
  METADATA_LIST,
  namespacePath,
  NAMESPACES,
} from '../transport/resources.ts';
import { SingleNamespace } from '../watch/single-namespace.ts';
import type { Transport } from '../transport/transport.ts';
import { clusterGroup, namespaceGroup, type WatchGroup, type Watched } from './watch-group.ts';
import type { CachedObject } from '../transport/object-meta.ts';

export interface ReflectorParts {
  readonly cache: ClusterCache;
  readonly instance: Instance;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onWatchEnded: (resource: string, cause: string) => void;
}

const METADATA_ONLY = { listAccept: METADATA_LIST, watchAccept: METADATA };

/** One group for the whole cluster, or one for each namespace in a limited scope. */
export function newWatchGroups(scope: Scope, parts: ReflectorParts): readonly WatchGroup[] {
  if (scope.kind === 'cluster') {
    return [clusterGroup([allNamespaces(parts), ...contentsOf(undefined, parts)])];
  }
  return scope.names.map((name) =>
    namespaceGroup(oneNamespace(name, parts), contentsOf(name, parts)),
  );
}

/** `namespace`: the only one to watch; `undefined`: all of them. */
function contentsOf(namespace: string | undefined, parts: ReflectorParts): readonly Watched[] {
  return [serviceAccounts(namespace, parts), secrets(namespace, parts)];
}

function allNamespaces(parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('namespaces', undefined, parts),
    ...METADATA_ONLY,
    path: NAMESPACES,
    project: projectNamespace,
    unread: unreadNamespace,
    cache: parts.cache.namespaceCache.part({ name: '' }),
  });
}

function oneNamespace(name: string, parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('namespaces', name, parts),
    watchAccept: METADATA,
    path: namespacePath(name),
    transport: new SingleNamespace({ ...parts, name }),
    project: projectNamespace,
    unread: unreadNamespace,
    cache: parts.cache.namespaceCache.part({ name }),
  });
}

function serviceAccounts(namespace: string | undefined, parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('serviceaccounts', namespace, parts),
    path: collectionPath('serviceaccounts', namespace),
    project: (object) => projectServiceAccount(object, parts.instance.secretName),
    unread: unreadServiceAccount,
    cache: parts.cache.serviceAccountCache.part({ namespace: namespace ?? '', name: '' }),
  });
}

function secrets(namespace: string | undefined, parts: ReflectorParts): Watched {
  const { secretName: name } = parts.instance;
  return new Reflector({
    ...common('secrets', namespace, parts),
    ...METADATA_ONLY,
    path: collectionPath('secrets', namespace),
    // RBAC grants this name only: the API server takes it from the selector.
    query: { fieldSelector: `metadata.name=${name}` },
    project: (object) => projectPullSecret(object, parts.instance),
    unread: unreadPullSecret,
    cache: parts.cache.pullSecretCache.part({ namespace: namespace ?? '', name }),
  });
}

type Common = Pick<
  ReflectorOptions<CachedObject>,
  'resource' | 'namespace' | 'transport' | 'clock' | 'random' | 'log' | 'onEnding'
>;

function common(
  resource: string,
  namespace: string | undefined,
  { transport, clock, random, log, onWatchEnded }: ReflectorParts,
): Common {
  const onEnding = (cause: string): void => onWatchEnded(resource, cause);
  return { resource, namespace, transport, clock, random, log, onEnding };
}
