/** The reflectors that fill the caches: what is followed, where, and how little of it is kept. */
import type { Clock, Log, Random } from '../controller/ports.ts';
import type { Instance } from '../domain/contract.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { CachedObject } from './object-cache.ts';
import { projectNamespace, projectServiceAccount } from './project-objects.ts';
import { projectPullSecret } from './project-pull-secret.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { Reflector } from './reflector.ts';
import { METADATA, METADATA_LIST, NAMESPACES, SECRETS, SERVICE_ACCOUNTS } from './resources.ts';
import type { Transport } from './transport.ts';

export interface ReflectorParts {
  readonly cache: ClusterCache;
  readonly instance: Instance;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onWatchEnded: (resource: string, reason: string) => void;
}

/** What a reflector shows of itself, whatever it follows. */
export type Watched = Pick<
  Reflector<CachedObject>,
  'resource' | 'state' | 'start' | 'stop' | 'untilSynced'
>;

const METADATA_ONLY = { listAccept: METADATA_LIST, watchAccept: METADATA };

export function newClusterReflectors(parts: ReflectorParts): readonly Watched[] {
  const { instance } = parts;
  return [
    namespaces(parts),
    serviceAccounts(parts),
    ...[instance.secretName].map((name) => secrets(name, parts)),
  ];
}

function namespaces(parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('namespaces', parts),
    ...METADATA_ONLY,
    path: NAMESPACES,
    project: projectNamespace,
    cache: parts.cache.namespaceCache.part({ name: '' }),
  });
}

function serviceAccounts(parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('serviceaccounts', parts),
    path: SERVICE_ACCOUNTS,
    project: projectServiceAccount,
    cache: parts.cache.serviceAccountCache.part({ name: '' }),
  });
}

function secrets(name: string, parts: ReflectorParts): Watched {
  return new Reflector({
    ...common('secrets', parts),
    ...METADATA_ONLY,
    path: SECRETS,
    // RBAC grants this one name: the API server takes it from the selector.
    query: { fieldSelector: `metadata.name=${name}` },
    project: (object) => projectPullSecret(object, parts.instance),
    cache: parts.cache.pullSecretCache.part({ name }),
  });
}

function common(
  resource: string,
  { transport, clock, random, log, onWatchEnded }: ReflectorParts,
): Pick<
  ReflectorOptions<CachedObject>,
  'resource' | 'transport' | 'clock' | 'random' | 'log' | 'observer'
> {
  const observer = { onEnding: (reason: string) => onWatchEnded(resource, reason) };
  return { resource, transport, clock, random, log, observer };
}
