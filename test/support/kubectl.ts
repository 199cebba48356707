/** The real kubectl, as people use it. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane/control-plane.ts';
import type { KubeObject } from './control-plane/admin-client.ts';

export interface KubectlHome {
  readonly kubeconfig: string;
  /** Where kubectl keeps what it remembers; for one server only. */
  readonly dir: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whatever it says. Rejects only where it can't be started. */
export function runKubectl(home: KubectlHome, args: readonly string[]): Promise<KubectlResult> {
  const env = environmentOf(home);
  return new Promise((resolve, reject) => {
    execFile('kubectl', args, { env, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error('starting kubectl', { cause: error }));
    });
  });
}

export function environmentOf({ kubeconfig, dir }: KubectlHome): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: dir, KUBECONFIG: kubeconfig };
}

/** As the administrator; answers what it printed. Throws an Error with what it complained of. */
export async function kubectl(
  { adminKubeconfig, dir }: ControlPlane,
  ...args: readonly string[]
): Promise<string> {
  const { code, stdout, stderr } = await runKubectl({ kubeconfig: adminKubeconfig, dir }, args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** `kubectl create -f`, as a backup is restored: without what the server gave the object. */
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
