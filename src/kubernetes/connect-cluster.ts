/** All that the controller needs from one cluster: caches, watches and writers, over one connection pool. */
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ChangeSource } from '../controller/ports/cluster-view.ts';
import type {
  Namespaces,
  PullSecrets,
  DryRuns,
  ServiceAccounts,
} from '../controller/ports/cluster-writes.ts';
import type { EventSink } from '../controller/ports/events.ts';
import type { Guard } from '../controller/ports/guard.ts';
import type { Measurements } from '../controller/ports/measurements.ts';
import type { Instance } from '../domain/contract.ts';
import type { CachedPullSecret } from '../domain/state/observed.ts';
import type { Scope } from '../domain/scope.ts';
import { ApiTransport, type ApiTransportOptions } from './transport/api-transport.ts';
import { budgetedStreams } from './transport/budgeted-streams.ts';
import { ClusterCache } from './view/cluster-cache.ts';
import { newWatchGroups } from './view/cluster-reflectors.ts';
import { EventRecorder } from './events/event-recorder.ts';
import { FencedWire } from './wire/fenced-wire.ts';
import { GuardProbe } from './write/guard-probe.ts';
import { NamespaceReader } from './write/namespace-reader.ts';
import { PullSecretReader } from './write/pull-secret-reader.ts';
import { PullSecretWriter } from './write/pull-secret-writer.ts';
import { RequestBudget } from './transport/request-budget.ts';
import { ServiceAccountWriter } from './write/service-account-writer.ts';
import type { RequestObservation } from './transport/transport.ts';
import { type FoundFault, WatchedResources, type WatchState } from './view/watched-resources.ts';
import type { ApiServerConnection, Wire } from './wire/wire.ts';

export interface ClusterOptions {
  /** Distinguishes this process from our other processes in Events. */
  readonly reporter: string;
  readonly instance: Instance;
  readonly scope: Scope;
  readonly budget: { readonly qps: number; readonly burst: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly measurements: Measurements;
  readonly onRequest: (call: RequestObservation) => void;
  /** How far the API server's clock is ahead of ours, in ms. */
  readonly onClockOffset: (offsetMs: number) => void;
  /** Whether this process may change Secrets and ServiceAccounts right now. */
  readonly mayWrite: () => boolean;
  readonly onWatchEnded: (resource: string, reason: string) => void;
}

export interface Cluster extends ChangeSource {
  readonly view: ClusterCache;
  readonly namespaces: Namespaces;
  readonly pullSecrets: PullSecrets;
  readonly serviceAccounts: ServiceAccounts;
  readonly dryRuns: DryRuns;
  readonly events: EventSink;
  readonly guard: Guard;
  start(): void;
  isSynced(): boolean;
  watches(): readonly WatchState[];
  healthChecks(): readonly FoundFault[];
  /** Sends queued Events for at most `graceMs`, then ends every watch and closes every connection. */
  stop(graceMs: number): Promise<void>;
}

/** Events have a budget of their own: a flood of them must not slow the work down. */
const EVENT_BUDGET = { qps: 5, burst: 50 };

/** Opens no connection before it is started. */
export function connectCluster(apiServer: ApiServerConnection, options: ClusterOptions): Cluster {
  const { clock, log, instance, scope, measurements } = options;
  const isCluster = scope.kind === 'cluster';
  const wire = apiServer.openWire({ manyStreams: !isCluster });
  const { transport, fenced, budget } = openTransports(wire, options);
  const view = new ClusterCache(instance.secretName, scope, log);
  const watching = isCluster ? transport : budgetedStreams(transport, budget);
  const groups = newWatchGroups(scope, { ...options, cache: view, transport: watching });
  const watched = new WatchedResources(groups, clock);
  const events = new EventRecorder({
    transport,
    clock,
    log,
    reporter: options.reporter,
    budget: new RequestBudget({ clock, ...EVENT_BUDGET }),
    onDropped: () => measurements.eventDropped(),
  });

  return {
    view,
    events,
    guard: new GuardProbe({ transport, instance }),
    ...openObjects({ transport, fenced, view }, options),
    listen: (notice) => view.listen(notice),
    start: () => watched.start(),
    untilSynced: () => watched.untilSettled(),
    isSynced: () => watched.isSettled(),
    watches: () => watched.states(),
    healthChecks: () => watched.healthChecks(),
    async stop(graceMs) {
      await events.stop(graceMs);
      await watched.stop();
      await wire.close();
    },
  };
}

interface Transports {
  readonly transport: ApiTransport;
  /** For changes to Secrets and ServiceAccounts: sends nothing while this process may not write. */
  readonly fenced: ApiTransport;
  /** Shared by both. */
  readonly budget: RequestBudget;
}

function openTransports(wire: Wire, options: ClusterOptions): Transports {
  const { clock, mayWrite } = options;
  const budget = new RequestBudget({ clock, ...options.budget });
  const common: Omit<ApiTransportOptions, 'wire'> = {
    clock,
    budget,
    observer: {
      onRequest: options.onRequest,
      onServerDate: ({ serverDate, sentAt, receivedAt }) => {
        const middleMs = (sentAt.getTime() + receivedAt.getTime()) / 2;
        options.onClockOffset(serverDate.getTime() - middleMs);
      },
    },
  };
  return {
    transport: new ApiTransport({ wire, ...common }),
    fenced: new ApiTransport({ wire: new FencedWire(wire, mayWrite), ...common }),
    budget,
  };
}

/** Reads and writes that bypass the caches; the caches absorb each answer before the caller gets it. */
function openObjects(
  { transport, fenced, view }: Omit<Transports, 'budget'> & { readonly view: ClusterCache },
  { instance, measurements }: ClusterOptions,
): Pick<Cluster, 'namespaces' | 'pullSecrets' | 'serviceAccounts' | 'dryRuns'> {
  const absorb = (pullSecret: CachedPullSecret): void => view.pullSecretCache.absorb(pullSecret);
  const reader = new PullSecretReader({ transport, instance, absorb });
  const writing = { transport: fenced, instance };
  return {
    namespaces: new NamespaceReader({
      transport,
      absorb: (namespace) => view.namespaceCache.absorb(namespace),
    }),
    pullSecrets: pullSecretsBy(reader, {
      ...writing,
      measurements,
      absorb,
      forget: (pullSecret) => view.pullSecretCache.absorbRemoval(pullSecret),
    }),
    serviceAccounts: new ServiceAccountWriter({
      ...writing,
      measurements,
      absorb: (account) => view.serviceAccountCache.absorb(account),
    }),
    dryRuns: {
      pullSecrets: pullSecretsBy(reader, { ...writing, ...DRY_RUN }),
      serviceAccounts: new ServiceAccountWriter({ ...writing, ...DRY_RUN }),
    },
  };
}

/** What a dry run answers with does not exist, and nothing is written that could be counted. */
const DRY_RUN = {
  isDryRun: true,
  measurements: { written: () => undefined, conflicted: () => undefined },
  absorb: () => undefined,
  forget: () => undefined,
};

function pullSecretsBy(
  reader: PullSecretReader,
  deps: ConstructorParameters<typeof PullSecretWriter>[0],
): PullSecrets {
  const writer = new PullSecretWriter(deps);
  return {
    write: (...call) => writer.write(...call),
    annotate: (...call) => writer.annotate(...call),
    delete: (...call) => writer.delete(...call),
    readBack: (...call) => reader.readBack(...call),
  };
}
