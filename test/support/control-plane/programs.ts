/** Starts and stops the programs of a control plane, and waits until they are ready. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'undici';
import { eventually } from '../suite/eventually.ts';
import { AdminClient } from './admin-client.ts';
import type { ControlPlaneProgram } from './binaries.ts';
import { isAlive, startGuarded, stopGuarded } from './guarded-process.ts';
import { argsOf, pathsOf, type Description } from './layout.ts';

const READY_LIMIT_MS = 120_000;

export async function startProgram(
  dir: string,
  description: Description,
  name: ControlPlaneProgram,
): Promise<void> {
  const paths = pathsOf(dir);
  const pid = startGuarded({
    file: description.binaries[name],
    args: argsOf(dir, description, name),
    logFile: paths.logFile(name),
  });
  await writeFile(paths.pidFile(name), String(pid));
}

/** Does nothing if it isn't running. */
export async function stopProgram(
  dir: string,
  name: ControlPlaneProgram,
  graceMs: number,
): Promise<void> {
  const { pidFile } = pathsOf(dir);
  const pid = await readPid(dir, name);
  if (pid === undefined) return;
  await stopGuarded(pid, graceMs);
  await rm(pidFile(name), { force: true });
}

export async function untilEtcdReady(dir: string, { ports }: Description): Promise<void> {
  await untilReady(dir, 'etcd', async () => {
    const { statusCode, body } = await request(`http://127.0.0.1:${ports.etcdClient}/health`);
    await body.dump();
    return statusCode === 200;
  });
}

/** Ready according to `/readyz`, which includes the RBAC bootstrap. */
export async function untilApiServerReady(dir: string): Promise<void> {
  const paths = pathsOf(dir);
  await untilReady(dir, 'kube-apiserver', async () => {
    // The API server signs its own certificate once; the file contains the certificate and the CA.
    await copyFile(paths.servingCertificate, paths.caFile);
    const admin = await AdminClient.from(paths.adminKubeconfig);
    try {
      return (await admin.raw('GET', '/readyz')).status === 200;
    } finally {
      await admin.close();
    }
  });
}

/** Ready when it has created the first ServiceAccount, as it will for every namespace. */
export async function untilControllersReady(dir: string): Promise<void> {
  const admin = await AdminClient.from(pathsOf(dir).adminKubeconfig);
  try {
    await untilReady(dir, 'kube-controller-manager', async () =>
      admin.find('/api/v1/namespaces/default/serviceaccounts/default'),
    );
  } finally {
    await admin.close();
  }
}

async function untilReady(
  dir: string,
  name: ControlPlaneProgram,
  look: () => Promise<unknown>,
): Promise<void> {
  const outcome = await eventually(
    { what: `${name} to be ready`, limitMs: READY_LIMIT_MS },
    async () => {
      const pid = await readPid(dir, name);
      if (pid === undefined || !isAlive(pid)) return 'ended';
      const seen = await look();
      return seen !== undefined && seen !== false ? 'ready' : undefined;
    },
  );
  if (outcome === 'ready') return;
  const log = await readFile(pathsOf(dir).logFile(name), 'utf8');
  throw new Error(`${name} exited during its start; the end of its log:\n${log.slice(-3_000)}`);
}

async function readPid(dir: string, name: ControlPlaneProgram): Promise<number | undefined> {
  const text = await readFile(pathsOf(dir).pidFile(name), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}
