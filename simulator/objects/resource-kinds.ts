/** The resources that the simulator serves; any other is answered with 404, as by a real server. */

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
  /** The verbs that the simulator supports; a real server supports more. */
  readonly verbs: readonly string[];
  /** Top-level maps that are owned as a whole. */
  readonly atomicFields: readonly string[];
  /** Lists whose items have separate owners, by path; other lists are owned as a whole. */
  readonly keyedLists: Readonly<Record<string, KeyedList>>;
  /** Top-level fields that the server resets or sets itself; nobody owns them. */
  readonly serverFields: readonly string[];
  /** Values that every rendered object has even if nobody has set them; nobody owns them. */
  readonly unset: Readonly<Record<string, unknown>>;
  /** The body of the answer to a DELETE. */
  readonly deleteAnswer: 'status' | 'object';
  /** The fields that `fieldSelector` supports. */
  readonly selectableFields: readonly string[];
}

export interface KeyedList {
  /** The field that identifies an item. */
  readonly key: string;
  /** Each item is owned as a whole: its fields have no separate owners. */
  readonly itemsAreWhole: boolean;
}

/** The selectable fields of every namespaced kind. */
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

/** Answered, but never stored. */
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

/** Every supported kind: used by discovery, routing and the deletion of a namespace's content. */
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

/** As in an object's `apiVersion`: `v1`, `coordination.k8s.io/v1`. */
export function apiVersionOf({ group, version }: ResourceKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The parts of a kind that messages name. */
export type GroupResource = Pick<ResourceKind, 'group' | 'resource'>;

/** As the server names it in messages: `secrets`, `leases.coordination.k8s.io`. */
export function qualifiedResourceOf({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}
