/** Whether this process competes with others for the lead. */

export interface ElectionChoice {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Default: true in a cluster, unless a kubeconfig or a context is named. */
  readonly leaderElect?: boolean;
}

/** True where other replicas are to be expected: a developer's run must neither wait for nor displace the Deployment's. */
export function isElected(
  { leaderElect, kubeconfig, context }: ElectionChoice,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (leaderElect !== undefined) return leaderElect;
  const isInCluster = Boolean(environment['KUBERNETES_SERVICE_HOST']);
  return isInCluster && kubeconfig === undefined && context === undefined;
}
