/** The resources that the simulator serves: what is not in this table is answered with 404, as by a real server. */

export interface ResourceKind {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** As in the path. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  readonly namespaced: boolean;
  /** What may be done with it here; a real server does more. */
  readonly verbs: readonly string[];
  /** Top-level maps that are owned as a whole; lists always are. */
  readonly atomicFields: readonly string[];
  /** Top-level fields that the server resets or fills itself, and so nobody owns. */
  readonly serverFields: readonly string[];
  /** What a DELETE is answered with. */
  readonly deleteAnswer: 'status' | 'object';
}

const STORED = ['create', 'delete', 'get', 'list', 'patch', 'watch'] as const;

const COMMON = {
  group: '',
  version: 'v1',
  shortNames: [],
  namespaced: true,
  verbs: STORED,
  atomicFields: [],
  serverFields: [],
  deleteAnswer: 'status',
} as const;

export const NAMESPACES: ResourceKind = {
  ...COMMON,
  resource: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  kind: 'Namespace',
  namespaced: false,
  serverFields: ['spec', 'status'],
  deleteAnswer: 'object',
};

export const SERVICE_ACCOUNTS: ResourceKind = {
  ...COMMON,
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  kind: 'ServiceAccount',
  deleteAnswer: 'object',
};

export const SECRETS: ResourceKind = {
  ...COMMON,
  resource: 'secrets',
  singular: 'secret',
  kind: 'Secret',
};

export const EVENTS: ResourceKind = {
  ...COMMON,
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  kind: 'Event',
  atomicFields: ['involvedObject', 'related'],
};

/** Every kind there is: discovery, routing and the end of a namespace go by it. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  NAMESPACES,
  SERVICE_ACCOUNTS,
  SECRETS,
  EVENTS,
];

/** As objects carry it: `v1`, `coordination.k8s.io/v1`. */
export function apiVersionOf({ group, version }: ResourceKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** As the server names it in messages: `secrets`, `leases.coordination.k8s.io`. */
export function qualifiedResourceOf({ group, resource }: ResourceKind): string {
  return group === '' ? resource : `${resource}.${group}`;
}
