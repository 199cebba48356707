/** Starts a real etcd, kube-apiserver and kube-controller-manager on loopback. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries, findOldestBinaries } from './binaries.ts';
import { ControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';
import { isAlive } from './guarded-process.ts';
import { writeFiles, type Description } from './layout.ts';
import { startProgram, untilControllersReady, untilEtcdReady } from './programs.ts';

const DIR_PREFIX = 'ecr-pull-secrets-control-plane-';

export interface ControlPlaneOptions {
  /** Appended to the flags of kube-apiserver, for example `--max-requests-inflight=20`. */
  readonly apiServerArgs?: readonly string[];
  /** Of the API server; default: the newest. */
  readonly version?: 'oldest';
}

/**
 * Resolves when namespaces get their `default` ServiceAccount, after 4 to 10 s. No part of it outlives this process.
 * Throws an Error with the end of the failed program's log.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await (options.version === 'oldest' ? findOldestBinaries() : findBinaries());
  await removeLeftOvers();
  const dir = await mkdtemp(join(tmpdir(), `${DIR_PREFIX}${process.pid}-`));
  const ports = {
    etcdClient: await freePort(),
    etcdPeer: await freePort(),
    apiServer: await freePort(),
  };
  const description: Description = {
    binaries,
    ports,
    extraApiServerArgs: options.apiServerArgs ?? [],
  };
  await writeFiles(dir, description);
  const controlPlane = await ControlPlane.open(dir);
  try {
    await startProgram(dir, description, 'etcd');
    await untilEtcdReady(dir, description);
    await controlPlane.startApiServer();
    await startProgram(dir, description, 'kube-controller-manager');
    await untilControllersReady(dir);
  } catch (err) {
    await controlPlane.stop();
    throw err;
  }
  return controlPlane;
}

/** Removes the directories of killed runs: their processes are gone, but their directories are not. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(DIR_PREFIX)) continue;
    const pid = Number(name.slice(DIR_PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
