/** The composition root of `run`: the only place that makes adapters, and the order in which all starts and stops. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { EcrTokenMinter } from '../aws/ecr-token-minter.ts';
import { openAwsNetwork } from '../aws/network/open-network.ts';
import { ConfigFile } from '../config/config-file.ts';
import { configEnvironmentOf } from '../config/config-environment.ts';
import { ConfigReload } from '../config/config-reload.ts';
import { Controller, DRAIN_MS } from '../controller/controller.ts';
import { alwaysLeading, type Leadership } from '../controller/election/leadership.ts';
import type { Log } from '../base/log.ts';
import { type Instance, instanceOf, leaseNameOf } from '../domain/contract.ts';
import { type ElectionChoice, isElected } from './election-choice.ts';
import { healthChecksOf } from './health-checks.ts';
import { connectCluster } from '../kubernetes/connect-cluster.ts';
import { connectLease } from '../kubernetes/connect-lease.ts';
import { readOwnNamespace } from '../kubernetes/wire/own-namespace.ts';
import type { ApiServerAccess } from '../kubernetes/wire/wire.ts';
import { startSweeps } from '../base/cron.ts';
import { ClockOffsets } from '../telemetry/clock-offsets.ts';
import { HttpServer } from '../telemetry/http/http-server.ts';
import { parseListenAddress } from '../telemetry/http/listen-address.ts';
import { type LogFormat, type LogLevel, createLog } from '../telemetry/log/logger.ts';
import { Metrics } from '../telemetry/metrics/metrics.ts';
import { telemetryRoutes } from '../telemetry/http/telemetry-routes.ts';
import { type Platform, openApiServer } from '../platform/platform.ts';
import { startTicks } from '../base/ticks.ts';

export interface AppOptions extends ElectionChoice {
  readonly version: string;
  /** Without a file everything has its default. */
  readonly config?: string;
  readonly listen: string;
  readonly instance: string;
  /** Where the lease lives. Default: the namespace of the Pod that we are. */
  readonly namespace?: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export interface App {
  /** Where health and metrics are served. */
  readonly port: number;
  /** Lets work under way finish, then ends everything. */
  stop(): Promise<void>;
}

/** For the Events that wait at the end: nobody is kept waiting for the next process by what is only told. */
const EVENT_DRAIN_MS = 3_000;

/**
 * Throws a `StalledError` for what waiting can't help: a fault in the configuration, a kubeconfig that can't be read, a
 * port that is taken. An API server that can't be reached, or rights that are missing, are waited for, not ready.
 */
export async function startApp(options: AppOptions, platform: Platform): Promise<App> {
  const { environment, clock, random } = platform;
  const { version, instance: instanceName } = options;
  const log = createLog({
    level: options.logLevel,
    format: options.logFormat,
    base: { instance: instanceName },
    ...(platform.writeLog === undefined ? {} : { write: platform.writeLog }),
  });
  const configFile = new ConfigFile({
    path: options.config ?? 'by default',
    readFile: (path) =>
      options.config === undefined ? Promise.resolve('') : readFile(path, 'utf8'),
    environment: configEnvironmentOf(environment),
  });
  const loaded = await configFile.load();
  const aws = platform.aws ?? { network: await openAwsNetwork(environment, log) };
  const { scope, secretName, kubernetes, sweep } = loaded.process;
  const instance = instanceOf(instanceName, secretName);
  const metrics = new Metrics({ version, clock });
  const offsets = new ClockOffsets({ log, metrics: metrics.requests });

  const access = platform.apiServer ?? openApiServer(options, platform);
  const leadership = await openLeadership(access, options, platform, { instance, log, metrics });
  const cluster = connectCluster(access, {
    reporter: hostname(),
    instance,
    scope,
    budget: kubernetes,
    clock,
    random,
    log,
    measurements: metrics.controller,
    onRequest: (call) => metrics.requests.requested(call),
    mayWrite: () => leadership.isLeading(),
    onClockOffset: (offsetMs) => offsets.seen('kubernetes', offsetMs),
    onWatchEnded: (resource, reason) => metrics.watches.restarted(resource, reason),
  });
  const minter = new EcrTokenMinter({
    ...aws,
    clock,
    environment,
    clockOffset: (offsetMs) => offsets.seen('aws', offsetMs),
    unverified: (registry, reason) =>
      log.warn({ registry, reason }, 'token could not be verified and is handed out as it is'),
  });
  const reload = new ConfigReload({ configFile, loaded, log });
  const controller = new Controller({
    instance,
    settings: () => reload.settings,
    clock,
    random,
    log,
    measurements: metrics.controller,
    queueObserver: metrics.queue,
    cluster: cluster.view,
    changes: cluster,
    namespaces: cluster.namespaces,
    pullSecrets: cluster.pullSecrets,
    serviceAccounts: cluster.serviceAccounts,
    events: cluster.events,
    minter,
    leadership,
  });
  const expectProfiles = (): void =>
    metrics.controller.expectProfiles(reload.settings.profiles.keys());
  expectProfiles();
  reload.listen(() => {
    expectProfiles();
    controller.sweep();
  });

  metrics.config.collectFrom(() => configFile.status);
  metrics.watches.collectFrom(() => cluster.watches());
  metrics.state.collectFrom(() => (cluster.isSynced() ? controller.readState() : undefined));
  metrics.state.collectTokensFrom(() => controller.readHeldTokens());

  const ticks = startTicks(clock, () => reload.poll());
  const server = new HttpServer({
    routes: telemetryRoutes({ ...healthChecksOf({ ticks, leadership, cluster }), metrics }),
    clock,
    log,
  });
  const port = await server.start(parseListenAddress('--listen', options.listen));
  log.info({ version, port, secretName, server: access.address }, 'started');

  const sweeps = startSweeps(sweep.schedule, () => controller.sweep(), log);
  cluster.start();
  void cluster.untilSynced().then(() => {
    log.info({ namespaces: cluster.view.size }, 'caches are complete');
  });
  controller.start();

  return {
    port,
    async stop() {
      log.info({}, 'stopping');
      await sweeps.stop();
      ticks.stop();
      await controller.stop(DRAIN_MS);
      minter.close();
      await cluster.stop(EVENT_DRAIN_MS);
      await server.stop();
      log.info({}, 'stopped');
    },
  };
}

/** Throws a `StalledError` where nobody says in which namespace the lease lives. */
async function openLeadership(
  access: ApiServerAccess,
  options: AppOptions,
  { environment, clock, random }: Platform,
  parts: { readonly instance: Instance; readonly log: Log; readonly metrics: Metrics },
): Promise<Leadership> {
  if (!isElected(options, environment)) return alwaysLeading();
  const { leader, requests } = parts.metrics;
  const leadership = connectLease(access, {
    ...parts,
    namespace: options.namespace ?? (await readOwnNamespace()),
    identity: `${hostname()}_${randomUUID()}`,
    clock,
    random,
    onRequest: (call) => requests.requested(call),
    onSlowPath: () => leader.slowPathTaken(),
  });
  leader.collectFrom(leaseNameOf(parts.instance.name), leadership);
  return leadership;
}
