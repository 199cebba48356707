/** The resources that the simulator serves: what is not in this table is answered with 404, as by a real server. */

export interface ResourceKind {
  /** As in the path. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Top-level maps that are owned as a whole; lists always are. */
  readonly atomicFields: readonly string[];
  /** Top-level fields that the server resets or fills itself, and so nobody owns. */
  readonly serverFields: readonly string[];
  /** What a DELETE is answered with. */
  readonly deleteAnswer: 'status' | 'object';
}

export const NAMESPACES: ResourceKind = {
  resource: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  atomicFields: [],
  serverFields: ['spec', 'status'],
  deleteAnswer: 'object',
};

export const SERVICE_ACCOUNTS: ResourceKind = {
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
  atomicFields: [],
  serverFields: [],
  deleteAnswer: 'object',
};

export const SECRETS: ResourceKind = {
  resource: 'secrets',
  kind: 'Secret',
  namespaced: true,
  atomicFields: [],
  serverFields: [],
  deleteAnswer: 'status',
};

export const EVENTS: ResourceKind = {
  resource: 'events',
  kind: 'Event',
  namespaced: true,
  atomicFields: ['involvedObject', 'related'],
  serverFields: [],
  deleteAnswer: 'status',
};

export const RESOURCE_KINDS: readonly ResourceKind[] = [
  NAMESPACES,
  SERVICE_ACCOUNTS,
  SECRETS,
  EVENTS,
];
