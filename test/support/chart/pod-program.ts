/** Acts as kubelet for a Pod of the chart: runs its container's command with its variables and its ServiceAccount. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdminClient } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { BUILT } from '../process/program-process.ts';
import { type GuardedChild, spawnGuarded } from '../process/guarded-child.ts';
import { programEnvironment } from '../process/program-environment.ts';

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env: readonly {
      readonly name: string;
      readonly value?: string;
      readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
    }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
  }[];
}

export interface Node {
  readonly admin: AdminClient;
  readonly controlPlane: ControlPlane;
  /** Variables that every Pod on this node gets: how to reach AWS. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the program of the Pod's first container. */
export async function startPod(
  { admin, controlPlane, environment }: Node,
  namespace: string,
  spec: PodSpec,
): Promise<GuardedChild> {
  const [container] = spec.containers;
  if (container === undefined) throw new Error('starting a Pod: it has no container');
  const mounted = await mountConfigMaps(admin, controlPlane.dir, namespace, spec);
  const variables = container.env.map(({ name, value = '', valueFrom }) => {
    const given = valueFrom?.fieldRef?.fieldPath === 'metadata.namespace' ? namespace : value;
    return [name, mounted.reduce((text, [path, dir]) => text.replace(path, dir), given)] as const;
  });
  const { serviceAccountName: serviceAccount } = spec;
  const clusterSubstitutes = {
    ECR_PULL_SECRETS_KUBECONFIG: await controlPlane.kubeconfigFor({ namespace, serviceAccount }),
    ECR_PULL_SECRETS_LEADER_ELECT: 'true',
    // All Pods share this machine's address.
    ECR_PULL_SECRETS_LISTEN: '127.0.0.1:0',
  };
  const env = { ...environment, ...Object.fromEntries(variables), ...clusterSubstitutes };
  return spawnGuarded([process.execPath, BUILT, ...container.args], programEnvironment(env));
}

/** Pairs of the path in the container and the local directory. */
async function mountConfigMaps(
  admin: AdminClient,
  parent: string,
  namespace: string,
  { containers, volumes }: PodSpec,
): Promise<readonly (readonly [string, string])[]> {
  const mounted: (readonly [string, string])[] = [];
  for (const { name, configMap } of volumes) {
    const mount = containers[0]?.volumeMounts.find((one) => one.name === name);
    if (mount === undefined || configMap === undefined) continue;
    const object = await admin.get(`/api/v1/namespaces/${namespace}/configmaps/${configMap.name}`);
    const dir = await mkdtemp(join(parent, 'config-map-'));
    for (const [key, text] of Object.entries(object['data'] as Record<string, string>)) {
      await writeFile(join(dir, key), text);
    }
    mounted.push([mount.mountPath, dir]);
  }
  return mounted;
}
