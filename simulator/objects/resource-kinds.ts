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
  /** Top-level maps that are owned as a whole. */
  readonly atomicFields: readonly string[];
  /** Lists whose items are owned one by one, by path; others are owned as a whole. */
  readonly keyedLists: Readonly<Record<string, KeyedList>>;
  /** Top-level fields that the server resets or fills itself, and so nobody owns. */
  readonly serverFields: readonly string[];
  /** With what every object goes out although nobody has set it: nobody owns it. */
  readonly unset: Readonly<Record<string, unknown>>;
  /** What a DELETE is answered with. */
  readonly deleteAnswer: 'status' | 'object';
  /** What `fieldSelector` knows. */
  readonly selectableFields: readonly string[];
}

export interface KeyedList {
  /** The field that tells items apart. */
  readonly key: string;
  /** The fields of an item have no owners of their own. */
  readonly itemsAreWhole: boolean;
}

/** What every namespaced kind can be selected by. */
const COMMON_SELECTABLE_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace'];

const STORED = ['create', 'delete', 'get', 'list', 'patch', 'watch'] as const;

const COMMON = {
  group: '',
  version: 'v1',
  shortNames: [],
  namespaced: true,
  verbs: STORED,
  atomicFields: [],
  keyedLists: {},
  serverFields: [],
  unset: {},
  deleteAnswer: 'status',
  selectableFields: COMMON_SELECTABLE_FIELDS,
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
  selectableFields: ['metadata.name', 'status.phase'],
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
  selectableFields: [...COMMON_SELECTABLE_FIELDS, 'type'],
};

export const EVENTS: ResourceKind = {
  ...COMMON,
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  kind: 'Event',
  atomicFields: ['involvedObject', 'related'],
  unset: { source: {}, reportingComponent: '', reportingInstance: '' },
  selectableFields: [
    ...COMMON_SELECTABLE_FIELDS,
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

export const PODS: ResourceKind = {
  ...COMMON,
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  kind: 'Pod',
  keyedLists: {
    'spec.containers': { key: 'name', itemsAreWhole: false },
    'spec.imagePullSecrets': { key: 'name', itemsAreWhole: true },
  },
  serverFields: ['status'],
  unset: { spec: { containers: [] } },
  deleteAnswer: 'object',
  selectableFields: [
    ...COMMON_SELECTABLE_FIELDS,
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
  ],
};

export const CONFIG_MAPS: ResourceKind = {
  ...COMMON,
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  kind: 'ConfigMap',
};

export const LEASES: ResourceKind = {
  ...COMMON,
  group: 'coordination.k8s.io',
  resource: 'leases',
  singular: 'lease',
  kind: 'Lease',
  unset: { spec: {} },
};

/** Asked and answered, never stored. */
export const SELF_SUBJECT_ACCESS_REVIEWS: ResourceKind = {
  ...COMMON,
  group: 'authorization.k8s.io',
  resource: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
  verbs: ['create'],
  unset: { spec: {} },
  serverFields: ['status'],
};

/** Every kind there is: discovery, routing and the end of a namespace go by it. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  NAMESPACES,
  SERVICE_ACCOUNTS,
  SECRETS,
  EVENTS,
  PODS,
  CONFIG_MAPS,
  LEASES,
  SELF_SUBJECT_ACCESS_REVIEWS,
];

/** As objects carry it: `v1`, `coordination.k8s.io/v1`. */
export function apiVersionOf({ group, version }: ResourceKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** What a message needs to name a kind. */
export type GroupResource = Pick<ResourceKind, 'group' | 'resource'>;

/** As the server names it in messages: `secrets`, `leases.coordination.k8s.io`. */
export function qualifiedResourceOf({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}
