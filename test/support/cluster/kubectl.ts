/** Runs the real kubectl as people use it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubeObject } from '../control-plane/admin-client.ts';
import { runTool, type ToolRun } from '../tools/run-tool.ts';

export interface KubectlHome {
  readonly kubeconfig: string;
  /** kubectl's cache directory; for one server only. */
  readonly dir: string;
}

/** Returns the result even if kubectl fails. Rejects only if it can't be started. */
export async function runKubectl(home: KubectlHome, args: readonly string[]): Promise<ToolRun> {
  return runTool('kubectl', args, environmentOf(home));
}

/** Runs typed shell commands as the administrator. */
export async function typed(
  { adminKubeconfig: kubeconfig, dir }: ControlPlane,
  commands: string,
): Promise<ToolRun> {
  return runTool('sh', ['-c', commands], environmentOf({ kubeconfig, dir }));
}

export function environmentOf({ kubeconfig, dir }: KubectlHome): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: dir, KUBECONFIG: kubeconfig };
}

/** Runs kubectl as the administrator and returns its stdout. Throws an Error with its stderr. */
export async function kubectl(
  { adminKubeconfig, dir }: ControlPlane,
  ...args: readonly string[]
): Promise<string> {
  const { code, stdout, stderr } = await runKubectl({ kubeconfig: adminKubeconfig, dir }, args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** `kubectl create -f` as when restoring a backup: without the fields that the server set. */
export async function kubectlCreate(
  controlPlane: ControlPlane,
  objects: readonly KubeObject[],
): Promise<void> {
  const file = join(controlPlane.dir, `create-${objects[0]?.metadata.uid}.json`);
  const items = objects.map((object) => {
    const { name, namespace, labels, annotations } = object.metadata;
    return { ...object, metadata: { name, namespace, labels, annotations } };
  });
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), { mode: 0o600 });
  await kubectl(controlPlane, 'create', '-f', file);
}
