/**
 * What the caches hold of an object that is too large to be read: that it exists, and what was known of it before, where
 * that is needed to say whose it is. Nothing is decided on it, so that nothing is done to it.
 */
import type {
  CachedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../domain/state/observed.ts';
import type { ObjectMeta } from '../transport/object-meta.ts';

/** Its labels may have changed, so what they were decides nothing. */
export function unreadNamespace({ name, uid, resourceVersion }: ObjectMeta): CachedNamespace {
  return {
    name,
    uid,
    resourceVersion,
    labels: {},
    request: { kind: 'invalid', faults: [], isEnabledUnknown: true },
    terminating: false,
    tooLarge: true,
  };
}

export function unreadServiceAccount(meta: ObjectMeta): CachedServiceAccount {
  const { namespace = '', name, uid, resourceVersion } = meta;
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    attach: { kind: 'valid', value: undefined },
    references: 0,
    imagePullSecrets: undefined,
    tooLarge: true,
  };
}

/** `known`: the record of the same Secret. If it was ours, it still counts as one of ours. */
export function unreadPullSecret(
  { namespace = '', name, uid, resourceVersion }: ObjectMeta,
  known?: CachedPullSecret,
): CachedPullSecret {
  return { ...(known ?? UNKNOWN), namespace, name, uid, resourceVersion, tooLarge: true };
}

const UNKNOWN = {
  appliedByUs: false,
  labelledOurs: false,
  labelsWhole: false,
  tamperedWith: [],
  foreignDataKeys: [],
  immutableSet: false,
  tokens: undefined,
  tokensOurs: false,
  dataOurs: false,
  configHash: undefined,
  refreshRequestedAt: undefined,
  removalDueAt: undefined,
  terminating: false,
} as const;
