/** Everything that we have of one cluster: its caches and watches, and the writers, over one connection pool. */
import type {
  Clock,
  EventSink,
  Log,
  Measurements,
  Namespaces,
  PullSecrets,
  Random,
  ServiceAccounts,
} from '../controller/ports.ts';
import type { Change } from '../controller/triggers.ts';
import type { Instance } from '../domain/contract.ts';
import { ApiTransport } from './api-transport.ts';
import { ClusterCache } from './cluster-cache.ts';
import { EventRecorder } from './event-recorder.ts';
import { KubeconfigWire } from './kubeconfig-wire.ts';
import { loadKubeConfig } from './load-kube-config.ts';
import { NamespaceReader } from './namespace-reader.ts';
import { PullSecretWriter } from './pull-secret-writer.ts';
import { RequestBudget } from './request-budget.ts';
import { ServiceAccountWriter } from './service-account-writer.ts';
import type { RequestObservation } from './transport.ts';
import { type FoundFault, WatchedResources, type WatchState } from './watched-resources.ts';
import type { Wire } from './wire.ts';

export interface ClusterOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Files to take where none is named and we run in no cluster. */
  readonly defaultKubeconfigs: readonly string[];
  readonly userAgent: string;
  /** Told apart from other processes of ours in Events. */
  readonly reporter: string;
  readonly instance: Instance;
  readonly budget: { readonly qps: number; readonly burst: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly measurements: Measurements;
  readonly onRequest: (call: RequestObservation) => void;
  /** How far the API server's clock is ahead of ours, in ms. */
  readonly onClockOffset: (offsetMs: number) => void;
  readonly onWatchEnded: (resource: string, reason: string) => void;
}

export interface Cluster {
  /** The address, for logs. */
  readonly server: string;
  readonly view: ClusterCache;
  readonly namespaces: Namespaces;
  readonly pullSecrets: PullSecrets;
  readonly serviceAccounts: ServiceAccounts;
  readonly events: EventSink;
  listen(notice: (change: Change) => void): void;
  start(): void;
  untilSynced(): Promise<void>;
  isSynced(): boolean;
  watches(): readonly WatchState[];
  healthChecks(): readonly FoundFault[];
  /** Sends queued Events for at most `graceMs`, then ends every watch and connection. */
  stop(graceMs: number): Promise<void>;
}

/** What is said beside the work: a flood of Events must leave room for it. */
const EVENT_BUDGET = { qps: 5, burst: 50 };

/** Throws a `StalledError` where the kubeconfig can't be used. Connects to nothing yet. */
export function connectCluster(options: ClusterOptions): Cluster {
  const { kubeconfig, context, defaultKubeconfigs: defaults, clock, userAgent } = options;
  const kubeConfig = loadKubeConfig({ kubeconfig, context, defaults });
  const wire = new KubeconfigWire({ kubeConfig, clock, userAgent });
  return clusterOver(wire, kubeConfig.getCurrentCluster()?.server ?? '', options);
}

/** The same over any wire. */
export function clusterOver(wire: Wire, server: string, options: ClusterOptions): Cluster {
  const { clock, log, instance, measurements } = options;
  const { secretName } = instance;
  const transport = new ApiTransport({
    wire,
    clock,
    budget: new RequestBudget({ clock, ...options.budget }),
    observer: {
      onRequest: options.onRequest,
      onServerDate: ({ serverDate, sentAt, receivedAt }) => {
        const middleMs = (sentAt.getTime() + receivedAt.getTime()) / 2;
        options.onClockOffset(serverDate.getTime() - middleMs);
      },
    },
  });
  const view = new ClusterCache(secretName, log);
  const watched = new WatchedResources(view, transport, options);
  const events = new EventRecorder({
    transport,
    clock,
    log,
    reporter: options.reporter,
    budget: new RequestBudget({ clock, ...EVENT_BUDGET }),
    onDropped: () => measurements.eventDropped(),
  });
  const absorbed = { transport, measurements };

  return {
    server,
    view,
    events,
    namespaces: new NamespaceReader({
      transport,
      absorb: (namespace) => view.namespaceCache.absorb(namespace),
    }),
    pullSecrets: new PullSecretWriter({
      ...absorbed,
      instance,
      absorb: (pullSecret) => view.pullSecretCache.absorb(pullSecret),
      forget: (pullSecret) => view.pullSecretCache.absorbRemoval(pullSecret),
    }),
    serviceAccounts: new ServiceAccountWriter({
      ...absorbed,
      secretName,
      absorb: (account) => view.serviceAccountCache.absorb(account),
    }),
    listen: (notice) => view.listen(notice),
    start: () => watched.start(),
    untilSynced: () => watched.untilSynced(),
    isSynced: () => watched.isSynced(),
    watches: () => watched.states(),
    healthChecks: () => watched.healthChecks(),
    async stop(graceMs) {
      await events.stop(graceMs);
      await watched.stop();
      await wire.close();
    },
  };
}
