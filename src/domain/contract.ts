/** The public contract: every annotation key, label and constant that users see. No other file spells them out. */

const prefix = 'ecr-pull-secrets.io';

/** Read from Namespaces: how a team opts in. */
export const NAMESPACE_ANNOTATIONS = {
  enabled: `${prefix}/enabled`,
  profiles: `${prefix}/profiles`,
  serviceAccounts: `${prefix}/service-accounts`,
  refreshRequestedAt: `${prefix}/refresh-requested-at`,
} as const;

/** Read from ServiceAccounts: overrides the namespace's list for this ServiceAccount. */
export const SERVICE_ACCOUNT_ANNOTATIONS = {
  attach: `${prefix}/attach`,
} as const;

/** Written on our Secrets. All except `removalDueAt` describe the data and are written together with it. */
export const SECRET_ANNOTATIONS = {
  expiresAt: `${prefix}/expires-at`,
  registries: `${prefix}/registries`,
  tokens: `${prefix}/tokens`,
  configHash: `${prefix}/config-hash`,
  refreshRequestedAt: `${prefix}/refresh-requested-at`,
  removalDueAt: `${prefix}/removal-due-at`,
} as const;

/** Marks the dry runs that the guard must refuse: their field manager, and the label or the reporter that it refuses. */
export const GUARD_PROBE = `${prefix}/guard-probe`;

/** On the Lease: while it has a value, no replica leads or writes. */
export const LEASE_ANNOTATIONS = {
  paused: `${prefix}/paused`,
} as const;

export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'app.kubernetes.io/instance',
} as const;

export const MANAGED_BY = 'ecr-pull-secrets';
export const DEFAULT_INSTANCE = 'default';
export const DEFAULT_PROFILE = 'default';
export const DEFAULT_SECRET_NAME = 'ecr-pull-secret';
/** A larger object is not read: our caches share their memory between all namespaces. */
export const MAX_OBJECT_KIB = 512;
/** A Namespace with more text in its labels is not read, either. */
export const MAX_LABELS_KIB = 16;
export const SECRET_TYPE = 'kubernetes.io/dockerconfigjson';
export const SECRET_DATA_KEY = '.dockerconfigjson';

/** Identifies this installation among other instances of the program: decides which Secrets are ours. */
export interface Instance {
  readonly name: string;
  readonly secretName: string;
  /** The manager of our Apply entry in `managedFields`. */
  readonly fieldManager: string;
}

/** Field managers differ by instance, so that two instances never mistake each other's Secrets for their own. */
export function instanceOf(name: string, secretName: string): Instance {
  const fieldManager = name === DEFAULT_INSTANCE ? MANAGED_BY : `${MANAGED_BY}-${name}`;
  return { name, secretName, fieldManager };
}

/** The name of the Lease that the replicas of one instance compete for. */
export function leaseNameOf(instanceName: string): string {
  return instanceName === DEFAULT_INSTANCE ? MANAGED_BY : `${MANAGED_BY}-${instanceName}`;
}

/** What the guard restricts: each has a policy of its own. */
export const GUARDED_RESOURCES = ['secrets', 'serviceaccounts', 'events'] as const;
export type GuardedResource = (typeof GUARDED_RESOURCES)[number];

/** The name of one of the guard's policies, and of its binding. */
export function guardPolicyNameOf(instanceName: string, resource: GuardedResource): string {
  return `${leaseNameOf(instanceName)}-guard-${resource}`;
}
