import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/suite/eventually.ts';
import { spawnGuarded } from '../../support/process/guarded-child.ts';
import { programEnvironment } from '../../support/process/program-environment.ts';

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stop-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** A kubeconfig whose plugin records in `called` that it was called, and does not answer. */
async function kubeconfigThatHangs(called: string): Promise<string> {
  const file = join(directory, 'kubeconfig');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command: 'sh',
    args: ['-c', `touch ${called}; exec sleep 15`],
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'it', user: { exec } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

describe('a stop', () => {
  it('does not wait for a kubeconfig plugin that hangs', async () => {
    const called = join(directory, 'called');
    const kubeconfig = await kubeconfigThatHangs(called);
    const args = [MAIN, 'run', '--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0'];
    const { child, exited } = spawnGuarded([process.execPath, ...args], programEnvironment());
    await eventually({ what: 'a call of the plugin', limitMs: 20_000 }, () => existsSync(called));

    const stoppedAt = performance.now();
    child.kill('SIGTERM');

    expect(await exited).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  }, 40_000);
});
