/** A small in-process Kubernetes API server. The contract suite verifies that it behaves as a real one. */
import type { Wire } from '../src/kubernetes/wire/wire.ts';
import type { AccessRule } from './requests/access.ts';
import { ApiServer } from './server/api-server.ts';
import type { Clock } from '../src/base/clock.ts';
import { Faults } from './faults.ts';
import { Kubectl } from './kubectl.ts';
import { NamespaceLifecycle, type LifecycleDelays } from './namespace-lifecycle.ts';
import type { OpenWatch } from './reads/open-watch.ts';
import { SimulatedWire, type LoggedRequest } from './simulated-wire.ts';
import { Store, type Change } from './objects/store.ts';
import { Watches } from './reads/watches.ts';

export interface SimulatedClusterOptions {
  readonly clock: Clock;
  /** Rules by user. `admin` may do everything; a user who is not listed here may do nothing. */
  readonly access?: Readonly<Record<string, readonly AccessRule[]>>;
  /** The size of the chunks in which answers arrive; small chunks split lines and characters. */
  readonly chunkBytes?: number;
  /** How many changes are kept before the oldest are compacted away. */
  readonly historyLimit?: number;
  readonly delays?: Partial<LifecycleDelays>;
}

const FIRST_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export class SimulatedCluster {
  readonly faults = new Faults();
  readonly kubectl: Kubectl;
  /** May be changed at any time; takes effect with the next answer. */
  chunkBytes: number;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #watches: Watches;
  readonly #server: ApiServer;
  readonly #access: Map<string, readonly AccessRule[]>;
  readonly #requests: LoggedRequest[] = [];
  #uids = 0;

  constructor({
    clock,
    access = {},
    chunkBytes = 16_384,
    historyLimit = Infinity,
    delays,
  }: SimulatedClusterOptions) {
    this.chunkBytes = chunkBytes;
    this.#clock = clock;
    this.#access = new Map(Object.entries(access));
    this.#store = new Store(historyLimit);
    this.#watches = new Watches(this.#store, clock);
    const newUid = (): string => this.#newUid();
    const rulesOf = (user: string): readonly AccessRule[] | undefined =>
      user === 'admin' ? undefined : (this.#access.get(user) ?? []);
    this.#server = new ApiServer({ store: this.#store, clock, newUid, rulesOf });
    this.kubectl = new Kubectl(this.#store, this.#server);
    for (const name of FIRST_NAMESPACES) this.kubectl.createNamespace(name);
    const lifecycle = new NamespaceLifecycle({
      store: this.#store,
      clock,
      newUid,
      delays: { defaultServiceAccountMs: 5, terminationMs: 50, ...delays },
    });
    for (const name of FIRST_NAMESPACES) {
      lifecycle.makeDefaultServiceAccount(name);
    }
  }

  /** A separate connection; closing it does not affect the others. */
  wire(user = 'admin'): Wire {
    return new SimulatedWire({
      user,
      server: this.#server,
      watches: this.#watches,
      clock: this.#clock,
      faults: this.faults,
      log: (entry) => this.#requests.push(entry),
      chunkBytes: () => this.chunkBytes,
    });
  }

  /** Every request received over a wire, oldest first. */
  get requests(): readonly Readonly<LoggedRequest>[] {
    return this.#requests;
  }

  /** The requests that are not reads. */
  get writes(): readonly Readonly<LoggedRequest>[] {
    return this.#requests.filter(({ method }) => method !== 'GET');
  }

  /** Every change to the state since the last compaction, by any writer. */
  get changes(): readonly Change[] {
    return this.#store.history;
  }

  get openWatches(): readonly OpenWatch[] {
    return this.#watches.open;
  }

  get revision(): number {
    return this.#store.revision;
  }

  /** Replaces the user's rules; open watches stay open, as on a real server. */
  setAccess(user: string, rules: readonly AccessRule[]): void {
    this.#access.set(user, rules);
  }

  /** Older versions can no longer be read, watched from or continued. Open watches continue. */
  compact(): void {
    this.#store.compact();
  }

  /** Breaks every watch, as when the API server is killed. */
  cutWatches(how: { readonly midLine?: boolean } = {}): void {
    for (const watch of this.openWatches) watch.cut(how);
  }

  #newUid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${this.#uids.toString(16).padStart(12, '0')}`;
  }
}
