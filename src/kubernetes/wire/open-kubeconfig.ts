/** The API server that a kubeconfig names. */
import type { Clock } from '../../base/clock.ts';
import { ApiCredentials } from './api-credentials.ts';
import { KubeconfigWire } from './kubeconfig-wire.ts';
import { loadKubeConfig } from './load-kube-config.ts';
import type { ApiServerConnection } from './wire.ts';

interface KubeconfigOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Files to use if none is given and we don't run in a cluster. */
  readonly defaultKubeconfigs: readonly string[];
  readonly userAgent: string;
  readonly clock: Clock;
  /** For exec plugins. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Throws a `StalledError` if the kubeconfig can't be used. */
export function openKubeconfig(options: KubeconfigOptions): ApiServerConnection {
  const {
    kubeconfig,
    context,
    defaultKubeconfigs: defaults,
    clock,
    environment,
    userAgent,
  } = options;
  const kubeConfig = loadKubeConfig({ kubeconfig, context, defaults });
  const credentials = new ApiCredentials(kubeConfig, { clock, environment });
  return {
    address: kubeConfig.getCurrentCluster()?.server ?? '',
    openWire: (needs = {}) =>
      new KubeconfigWire({ kubeConfig, clock, credentials, userAgent, ...needs }),
  };
}
