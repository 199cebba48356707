/** Random writes that somebody might send: valid, stale and ill-typed ones, by two managers. */

export interface RandomWrite {
  readonly resource: Resource;
  readonly name: string;
  readonly how: 'create' | 'apply' | 'merge' | 'json' | 'delete' | 'read';
  readonly manager: string;
  readonly force: boolean;
  /** Which version and UID it names: none, the object's own, or another. */
  readonly version: 'none' | 'own' | 'other';
  readonly uid: 'none' | 'own' | 'other';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly operations: readonly unknown[];
}

export interface Resource {
  readonly kind: string;
  readonly apiVersion: string;
  readonly path: (namespace: string) => string;
}

/** The same seed gives the same writes. */
export class RandomWrites {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): RandomWrite {
    const resource = this.#pick(...Object.values(RESOURCES));
    const how = this.#pick<RandomWrite['how']>(
      ...([
        'create',
        'apply',
        'apply',
        'apply',
        'merge',
        'merge',
        'json',
        'delete',
        'read',
      ] as const),
    );
    return {
      resource,
      name: this.#pick('one', 'two'),
      how,
      manager: this.#pick('us', 'them'),
      force: this.#chance(0.4),
      version: this.#pick<RandomWrite['version']>('none', 'none', 'none', 'own', 'other'),
      uid: this.#pick<RandomWrite['uid']>('none', 'none', 'none', 'own', 'other'),
      metadata: this.#some({
        labels: [{ a: '1' }, { a: '2' }, { b: '1' }, { a: 'x y' }, {}],
        annotations: [{ a: '1' }, { a: '2' }, { c: 'x' }, {}],
        finalizers: [['x.io/a'], ['x.io/a', 'x.io/b'], ['x.io/b'], []],
      }),
      content: this.#contentOf(resource, how),
      operations: [this.#pick(...OPERATIONS)],
    };
  }

  #contentOf({ kind }: Resource, how: RandomWrite['how']): Readonly<Record<string, unknown>> {
    switch (kind) {
      case 'Secret':
        return this.#some({
          data: [{ k: 'YQ==' }, { k: 'Yg==', l: 'YQ==' }],
          type: ['Opaque', 'x/y'],
        });
      case 'ConfigMap':
        return this.#some({ data: [{ k: 'a' }, { k: 'b', l: 'c' }, { k: 1 }, {}] });
      case 'ServiceAccount':
        return this.#some({
          imagePullSecrets: [[{ name: 'a' }], [{ name: 'b' }, { name: 'a' }], []],
        });
      case 'Lease':
        return { spec: this.#some(LEASE_FIELDS) };
      case 'Event':
        return this.#some({ reason: ['R', 'S'], count: [0, 1, 2], source: [{ component: 'x' }] });
      default:
        // A list of containers that replaces another would remove the token volume, which our Pod does not have.
        return how === 'merge' ? {} : { spec: this.#some(POD_FIELDS) };
    }
  }

  /** Each field more often than not, with one of its values. */
  #some(fields: Readonly<Record<string, readonly unknown[]>>): Readonly<Record<string, unknown>> {
    const chosen = Object.entries(fields).filter(() => this.#chance(0.55));
    return Object.fromEntries(chosen.map(([field, values]) => [field, this.#pick(...values)]));
  }

  #chance(probability: number): boolean {
    this.#state = (this.#state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#state / 2_147_483_648 < probability;
  }

  #pick<T>(...values: readonly T[]): T {
    for (let left = values.length; left > 1; left -= 1) {
      const value = values[left - 1];
      if (value !== undefined && this.#chance(1 / left)) return value;
    }
    const [first] = values;
    if (first === undefined) throw new Error('picking from nothing');
    return first;
  }
}

const core = (kind: string, resource: string): Resource => ({
  kind,
  apiVersion: 'v1',
  path: (namespace) => `/api/v1/namespaces/${namespace}/${resource}`,
});

const RESOURCES = {
  secrets: core('Secret', 'secrets'),
  configMaps: core('ConfigMap', 'configmaps'),
  serviceAccounts: core('ServiceAccount', 'serviceaccounts'),
  events: core('Event', 'events'),
  pods: core('Pod', 'pods'),
  leases: {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    path: (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
  },
} satisfies Readonly<Record<string, Resource>>;

const LEASE_FIELDS = {
  holderIdentity: ['a', 'b', ''],
  leaseDurationSeconds: [15, 20, 0, 'x'],
  renewTime: ['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000001Z', 'x'],
  leaseTransitions: [0, 1, -1],
};

const POD_FIELDS = {
  containers: [[{ name: 'c', image: 'i' }], [{ name: 'c', image: 'i:1' }]],
  imagePullSecrets: [[{ name: 'a' }], []],
  serviceAccountName: ['default', 'none'],
};

const OPERATIONS = [
  { op: 'add', path: '/metadata/labels', value: { j: '1' } },
  { op: 'add', path: '/metadata/labels/j', value: '2' },
  { op: 'remove', path: '/metadata/labels' },
  { op: 'remove', path: '/metadata/finalizers' },
  { op: 'replace', path: '/data/k', value: 'YQ==' },
  { op: 'add', path: '/imagePullSecrets/-', value: { name: 'j' } },
  { op: 'test', path: '/metadata/name', value: 'one' },
  { op: 'remove', path: '/data' },
];
