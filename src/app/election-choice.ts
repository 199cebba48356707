/** Whether this process competes with others for the lead. */

export interface ElectionChoice {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Default: in a cluster, but not where a kubeconfig or a context is named. */
  readonly leaderElect?: boolean;
}

/** On where replicas are to be expected: a developer's run must not wait for, or displace, the Deployment's. */
export function isElected(
  { leaderElect, kubeconfig, context }: ElectionChoice,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (leaderElect !== undefined) return leaderElect;
  const isInCluster = Boolean(environment['KUBERNETES_SERVICE_HOST']);
  return isInCluster && kubeconfig === undefined && context === undefined;
}
