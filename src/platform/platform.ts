/** What the program runs on: this machine, and the API server that a kubeconfig names. */
import { homedir } from 'node:os';
import type { AwsConnection } from '../aws/network/aws-connection.ts';
import type { Clock, Random } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { openKubeconfig } from '../kubernetes/wire/open-kubeconfig.ts';
import { defaultKubeconfigs } from '../kubernetes/wire/load-kube-config.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';

/** The demo replaces parts of it. */
export interface Platform {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Used instead of the API server that the kubeconfig names. */
  readonly apiServer?: ApiServerConnection;
  /** Used instead of the network to AWS and our identity there. */
  readonly aws?: AwsConnection;
  /** Takes the lines of the log, instead of standard output. */
  readonly writeLog?: (line: string) => void;
}

/** Never throws. */
export function thisMachine(environment: NodeJS.ProcessEnv): Platform {
  return { environment, clock: systemClock, random: Math.random };
}

interface ApiServerOptions {
  readonly version: string;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** The API server that the kubeconfig names, with our credentials for it. Throws a `StalledError` if it can't be used. */
export function openApiServer(
  { version, kubeconfig, context }: ApiServerOptions,
  { environment, clock }: Pick<Platform, 'environment' | 'clock'>,
): ApiServerConnection {
  return openKubeconfig({
    kubeconfig,
    context,
    defaultKubeconfigs: defaultKubeconfigs(environment['KUBECONFIG'], homedir()),
    userAgent: `ecr-pull-secrets/${version}`,
    clock,
    environment,
  });
}
