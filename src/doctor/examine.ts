/** The doctor: checks everything that `run` needs, changes nothing, and yields each check as soon as it is done. */
import { readFile } from 'node:fs/promises';
import { type Platform, openApiServer } from '../platform/platform.ts';
import type { AwsConnection } from '../aws/network/aws-connection.ts';
import { readAwsNetwork } from '../aws/network/aws-network.ts';
import { newAwsProbe } from '../aws/aws-probe.ts';
import { configEnvironmentOf } from '../config/config-environment.ts';
import type { GuardChoice } from '../controller/ports/guard.ts';
import { DEFAULT_SECRET_NAME, instanceOf } from '../domain/contract.ts';
import { WHOLE_CLUSTER } from '../domain/scope.ts';
import { readOwnNamespace } from '../kubernetes/wire/own-namespace.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';
import { attempt } from './attempted.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkNetwork, checkNetworkFault } from './check-network.ts';
import { checkNoServer } from './check-server.ts';
import type { Check } from './check.ts';
import { examineAws } from './examine-aws.ts';
import { examineServer, type ServerQuestions } from './examine-server.ts';
import { readConfiguration } from './read-configuration.ts';

export interface DoctorOptions {
  readonly version: string;
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly instance: string;
  /** The namespace of the Lease. Default: our own Pod's. */
  readonly namespace?: string;
  readonly leaderElect?: boolean;
  /** Default: `expected`. */
  readonly guard?: GuardChoice;
}

/** Ends after all checks, however many fail. Rejects only if `signal` is aborted. */
export async function* examine(
  options: DoctorOptions,
  platform: Platform,
  signal: AbortSignal,
): AsyncGenerator<Check> {
  const { environment, clock } = platform;
  const reading = await readConfiguration(options.config, configEnvironmentOf(environment));
  yield* checkConfiguration(options.config, reading);

  const secretName = reading.kind === 'ok' ? reading.process.secretName : DEFAULT_SECRET_NAME;
  const instance = instanceOf(options.instance, secretName);
  const scope = reading.kind === 'ok' ? reading.process.scope : WHOLE_CLUSTER;
  const server = await openServer(options, platform);
  if (server.kind === 'failed') yield checkNoServer(server.error);
  else {
    const lease = await findLease(options);
    const { guard = 'expected' } = options;
    yield* examineServer(server.value, { instance, scope, lease, guard, clock, signal });
  }

  yield* checkNetwork(environment);
  const aws = await attempt(() => openAws(platform));
  if (aws.kind === 'failed') yield checkNetworkFault(aws.error);
  if (aws.kind === 'failed' || reading.kind !== 'ok') {
    const why =
      reading.kind === 'ok'
        ? 'the network settings are not usable'
        : 'the configuration is not usable';
    const message = `not checked: ${why}`;
    yield { name: 'identity', subject: 'all', status: 'skipped', message };
    return;
  }
  const probe = newAwsProbe({ ...aws.value, environment, clock });
  try {
    yield* examineAws(reading.settings.profiles, { probe, clock, signal });
  } finally {
    probe.close();
  }
}

/** Throws a `StalledError` in the cases in which `run` would. */
async function openAws({ aws, environment }: Platform): Promise<AwsConnection> {
  if (aws !== undefined) return aws;
  const readText = (path: string): Promise<string> => readFile(path, 'utf8');
  return { network: await readAwsNetwork({ environment, readText, onCaTrouble: () => undefined }) };
}

function openServer(options: DoctorOptions, platform: Platform) {
  return attempt((): Promise<ApiServerConnection> =>
    Promise.resolve(platform.apiServer ?? openApiServer(options, platform)),
  );
}

async function findLease({
  namespace,
  leaderElect,
}: DoctorOptions): Promise<ServerQuestions['lease']> {
  if (leaderElect === false) return { skipped: 'leader election is off (--leader-elect false)' };
  if (namespace !== undefined) return { namespace };
  const own = await attempt(() => readOwnNamespace());
  return own.kind === 'answered'
    ? { namespace: own.value }
    : {
        skipped: 'the namespace of the controller is unknown: pass it with --namespace',
        isRequired: leaderElect === true,
      };
}
