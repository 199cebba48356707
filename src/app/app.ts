/** `run` and the demo: a replica as a process, with its log, its configuration file and its endpoints. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { EcrTokenMinter } from '../aws/ecr-token-minter.ts';
import type { AwsConnection } from '../aws/network/aws-connection.ts';
import { openAwsNetwork } from '../aws/network/open-network.ts';
import type { Log } from '../base/log.ts';
import type { GuardChoice } from '../controller/ports/guard.ts';
import { configEnvironmentOf } from '../config/config-environment.ts';
import { ConfigFile } from '../config/config-file.ts';
import { ConfigReload } from '../config/config-reload.ts';
import { readSettled } from '../config/read-settled.ts';
import { readOwnNamespace } from '../kubernetes/wire/own-namespace.ts';
import { type Platform, openApiServer } from '../platform/platform.ts';
import { HttpServer } from '../telemetry/http/http-server.ts';
import { parseListenAddress } from '../telemetry/http/listen-address.ts';
import { telemetryRoutes } from '../telemetry/http/telemetry-routes.ts';
import { openStandardOutput } from '../telemetry/log/log-output.ts';
import { type LogFormat, type LogLevel, createLog } from '../telemetry/log/logger.ts';
import { sharedRendering } from '../telemetry/metrics/shared-rendering.ts';
import { assemble, type ReplicaParts } from './assemble.ts';
import { type ElectionChoice, isElected } from './election-choice.ts';
import type { LeasePlace } from './open-leadership.ts';

export interface AppOptions extends ElectionChoice {
  readonly version: string;
  /** Path of the configuration file; without one, everything has its default. */
  readonly config?: string;
  readonly listen: string;
  readonly instance: string;
  /** The namespace of the lease. Default: that of our Pod. */
  readonly namespace?: string;
  /** Default: `off`. */
  readonly guard?: GuardChoice;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export interface App {
  /** Where health and metrics are served. */
  readonly port: number;
  /** Lets work under way finish, then ends everything. */
  stop(): Promise<void>;
}

/**
 * Throws a `StalledError` for what waiting does not fix: a fault in the configuration, a kubeconfig that can't be read, a
 * port that is taken. While the API server can't be reached or permissions are missing, the app waits and is not ready.
 */
export async function startApp(options: AppOptions, platform: Platform): Promise<App> {
  const { log, lostLines } = openLog(options, platform);
  const parts = await openParts(options, platform, log);
  const replica = assemble(parts);
  replica.metrics.describeProcess(options.version, lostLines);
  const server = new HttpServer({
    routes: telemetryRoutes({
      ...replica.health,
      metrics: { render: sharedRendering(platform.clock, () => replica.metrics.render()) },
    }),
    clock: platform.clock,
    log,
  });
  const port = await server.start(parseListenAddress('--listen', options.listen));
  const { secretName } = parts.config.process;
  log.info(
    { version: options.version, port, secretName, server: parts.apiServer.address },
    'started',
  );
  replica.start();
  return {
    port,
    async stop() {
      log.info({}, 'stopping');
      await replica.stop();
      await server.stop();
      log.info({}, 'stopped');
    },
  };
}

interface OpenedLog {
  readonly log: Log;
  readonly lostLines: () => number;
}

function openLog(
  { logLevel, logFormat, instance }: AppOptions,
  { writeLog, clock }: Platform,
): OpenedLog {
  const output = writeLog === undefined ? openStandardOutput(clock) : undefined;
  const write = writeLog ?? ((line: string) => output?.add(line));
  const log = createLog({ level: logLevel, format: logFormat, base: { instance }, write });
  output?.reportLossTo(log);
  return { log, lostLines: () => output?.lostLines ?? 0 };
}

async function openParts(options: AppOptions, platform: Platform, log: Log): Promise<ReplicaParts> {
  const { environment, clock, random } = platform;
  const config = await openConfig(options.config, platform, log);
  const aws = platform.aws ?? { network: await openAwsNetwork(environment, log) };
  return {
    instanceName: options.instance,
    reporter: hostname(),
    clock,
    random,
    log,
    config,
    apiServer: platform.apiServer ?? openApiServer(options, platform),
    lease: await placeOfLease(options, environment),
    guard: options.guard,
    openMinter: (clockOffset) => newMinter({ ...platform, aws, log, clockOffset }),
  };
}

function openConfig(
  path: string | undefined,
  { environment, clock }: Pick<Platform, 'environment' | 'clock'>,
  log: Log,
): Promise<ConfigReload> {
  const readText = (file: string): Promise<string> =>
    readSettled(() => readFile(file, 'utf8'), clock);
  const configFile = new ConfigFile({
    path: path ?? 'defaults',
    readFile: (file) => (path === undefined ? Promise.resolve('') : readText(file)),
    environment: configEnvironmentOf(environment),
  });
  return ConfigReload.open(configFile, log);
}

/** Throws a `StalledError` if the namespace of the lease is not known. */
async function placeOfLease(
  options: AppOptions,
  environment: Platform['environment'],
): Promise<LeasePlace | undefined> {
  if (!isElected(options, environment)) return undefined;
  return {
    namespace: options.namespace ?? (await readOwnNamespace()),
    candidate: `${hostname()}_${randomUUID()}`,
  };
}

function newMinter({
  aws,
  log,
  clock,
  environment,
  clockOffset,
}: Pick<Platform, 'clock' | 'environment'> & {
  readonly aws: AwsConnection;
  readonly log: Log;
  readonly clockOffset: (offsetMs: number) => void;
}): EcrTokenMinter {
  return new EcrTokenMinter({
    ...aws,
    clock,
    environment,
    clockOffset,
    unverified: (registry, cause) =>
      log.warn({ registry, cause }, 'token could not be verified, used anyway'),
  });
}
