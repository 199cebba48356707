/** Puts a replica together from its surroundings, in one way for `run`, the demo and every simulated world. */
import type { GuardChoice } from '../controller/ports/guard.ts';
import type { TokenMinter } from '../controller/ports/token-minter.ts';
import type { Clock, Random } from '../base/clock.ts';
import { Schedule } from '../base/cron.ts';
import type { Log } from '../base/log.ts';
import { TimeSlices } from '../base/time-slices.ts';
import type { ConfigReload } from '../config/config-reload.ts';
import { Controller, type ControllerDependencies } from '../controller/controller.ts';
import type { Leadership } from '../controller/election/leadership.ts';
import { type Instance, instanceOf } from '../domain/contract.ts';
import { type Cluster, connectCluster } from '../kubernetes/connect-cluster.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';
import { ClockOffsets } from '../telemetry/clock-offsets.ts';
import { Metrics } from '../telemetry/metrics/metrics.ts';
import { type LeasePlace, openLeadership } from './open-leadership.ts';
import { Replica } from './replica.ts';

export interface ReplicaParts {
  /** The name of the installation. */
  readonly instanceName: string;
  /** The name of this process in Events. */
  readonly reporter: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly config: ConfigReload;
  readonly apiServer: ApiServerConnection;
  /** Where replicas agree on who leads; without it, this one always leads. */
  readonly lease?: LeasePlace | undefined;
  /** Whether the guard must be in effect; `off`, unless given: nobody asks. */
  readonly guard?: GuardChoice | undefined;
  /** `onClockOffset`: how far the clock of AWS is ahead of ours, in ms. */
  readonly openMinter: (onClockOffset: (offsetMs: number) => void) => ClosableMinter;
  readonly hooks?: Hooks;
}

interface ClosableMinter extends TokenMinter {
  close(): void;
}

/** Where a simulation gets between the parts: each hook takes what was wired and returns what to use instead. */
export interface Hooks {
  readonly leadership?: (wired: Leadership) => Leadership;
  readonly controller?: (wired: ControllerDependencies) => ControllerDependencies;
}

interface Wiring extends ReplicaParts {
  readonly instance: Instance;
  readonly metrics: Metrics;
  readonly offsets: ClockOffsets;
}

/** Connects to nothing, and starts nothing. */
export function assemble(parts: ReplicaParts): Replica {
  const { clock, log, config, hooks } = parts;
  const { secretName, sweep } = config.process;
  const metrics = new Metrics(clock);
  const offsets = new ClockOffsets({ log, metrics: metrics.requests });
  const wiring = {
    ...parts,
    instance: instanceOf(parts.instanceName, secretName),
    metrics,
    offsets,
  };
  const lead = openLeadership(parts.lease, wiring);
  const leadership = hooks?.leadership?.(lead.leadership) ?? lead.leadership;
  const cluster = openCluster(wiring, leadership);
  const minter = parts.openMinter((offsetMs) => offsets.seen('aws', offsetMs));
  const wired = dependenciesOf(wiring, { leadership, cluster, minter });
  const controller = new Controller(hooks?.controller?.(wired) ?? wired);
  collectStates(metrics, { config, cluster, controller });
  sweepOnChange(config, { controller, metrics });
  const schedule = new Schedule(sweep.schedule, clock);
  const close = async (): Promise<void> => {
    minter.close();
    await lead.close();
  };
  return new Replica({
    clock,
    log,
    config,
    schedule,
    metrics,
    leadership,
    cluster,
    controller,
    close,
  });
}

function openCluster(wiring: Wiring, leadership: Leadership): Cluster {
  const { metrics, offsets, config } = wiring;
  const { scope, kubernetes } = config.process;
  return connectCluster(wiring.apiServer, {
    ...wiring,
    scope,
    budget: kubernetes,
    measurements: metrics.controller,
    onRequest: (call) => metrics.requests.requested(call),
    mayWrite: () => leadership.isLeading(),
    onClockOffset: (offsetMs) => offsets.seen('kubernetes', offsetMs),
    onWatchEnded: (resource, cause) => metrics.watches.restarted(resource, cause),
  });
}

function dependenciesOf(
  { instance, clock, random, log, config, metrics, guard }: Wiring,
  {
    leadership,
    cluster,
    minter,
  }: {
    readonly leadership: Leadership;
    readonly cluster: Cluster;
    readonly minter: TokenMinter;
  },
): ControllerDependencies {
  return {
    instance,
    settings: () => config.settings,
    clock,
    slices: new TimeSlices(clock),
    random,
    log,
    measurements: metrics.controller,
    queueObserver: metrics.queue,
    cluster: cluster.view,
    changes: cluster,
    namespaces: cluster.namespaces,
    pullSecrets: cluster.pullSecrets,
    serviceAccounts: cluster.serviceAccounts,
    dryRuns: cluster.dryRuns,
    events: cluster.events,
    guard: guard === 'expected' ? cluster.guard : undefined,
    minter,
    leadership,
  };
}

/** The metrics ask for each state at every scrape. */
function collectStates(
  metrics: Metrics,
  {
    config,
    cluster,
    controller,
  }: {
    readonly config: ConfigReload;
    readonly cluster: Cluster;
    readonly controller: Controller;
  },
): void {
  metrics.config.collectFrom(() => config.status);
  metrics.watches.collectFrom(() => cluster.watches());
  metrics.state.collectFrom(async () => (cluster.isSynced() ? controller.readState() : undefined));
  metrics.state.collectTokensFrom(() => controller.readCachedTokens());
  metrics.guard.collectFrom(() => controller.isGuardInEffect());
}

function sweepOnChange(
  config: ConfigReload,
  { controller, metrics }: { readonly controller: Controller; readonly metrics: Metrics },
): void {
  const expectProfiles = (): void =>
    metrics.controller.expectProfiles(config.settings.profiles.keys());
  expectProfiles();
  config.listen(() => {
    expectProfiles();
    controller.sweep();
  });
}
