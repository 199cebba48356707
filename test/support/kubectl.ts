/** The real kubectl, as people use it. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlane } from './control-plane/control-plane.ts';
import type { KubeObject } from './control-plane/admin-client.ts';

const run = promisify(execFile);

/** As the administrator; answers what it printed. Throws an Error with what it complained of. */
export async function kubectl(
  { adminKubeconfig, dir }: ControlPlane,
  ...args: readonly string[]
): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: dir, KUBECONFIG: adminKubeconfig };
  const { stdout } = await run('kubectl', [...args], { env, maxBuffer: 64 * 2 ** 20 });
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
