import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { openKubeconfig } from '../../../../src/kubernetes/wire/open-kubeconfig.ts';
import type { Wire } from '../../../../src/kubernetes/wire/wire.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../support/ports/loopback-server.ts';
import { programEnvironment } from '../../../support/process/program-environment.ts';
import { eventually } from '../../../support/suite/eventually.ts';

let directory: string;
let apiServer: LoopbackServer;
const clock = new VirtualClock({ start: new Date() });
const wires: Wire[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'exec-plugin-'));
  apiServer = await startLoopbackServer((_, response) => response.end('{}'));
});

afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close?.();
  await apiServer[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Two wires to a cluster whose user has a plugin: a shell script that is run with `directory` as its `$D`. */
async function open(script: string) {
  const file = join(directory, 'kubeconfig');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
    env: [{ name: 'D', value: directory }],
  };
  const config = {
    clusters: [{ name: 'c', cluster: { server: apiServer.url } }],
    users: [{ name: 'u', user: { exec } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(config));
  const options = { kubeconfig: file, context: undefined, defaultKubeconfigs: [] };
  const environment = programEnvironment();
  const server = openKubeconfig({ ...options, userAgent: 'test', clock, environment });
  wires.push(server.openWire(), server.openWire());
}

/** Sends a request over each wire; the failures. */
async function sendOverBoth(): Promise<readonly string[]> {
  const sent = wires.map((wire) =>
    wire.send({ method: 'GET', path: '/', headers: {}, signal: AbortSignal.timeout(20_000) }),
  );
  const outcomes = await Promise.allSettled(sent);
  return outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
}

async function pidsIn(name: string): Promise<readonly number[]> {
  const text = await readFile(join(directory, name), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const until = (what: string) => ({ what, limitMs: 10_000, everyMs: 10 });

describe('an exec plugin', () => {
  it('that hangs runs once for all wires, and is killed with its children after a minute', async () => {
    await open('echo $$ >> $D/plugins; sleep 600 & echo $! >> $D/children; wait');
    const results: Promise<readonly string[]>[] = [];
    for (let at = 0; at < 55; at += 5) {
      results.push(sendOverBoth());
      await eventually(until('the plugin'), async () => (await pidsIn('children')).length > 0);
      await clock.advance(5_000);
    }
    const started = [...(await pidsIn('plugins')), ...(await pidsIn('children'))];
    expect(started).toHaveLength(2);
    expect(started.filter(isRunning)).toEqual(started);

    await clock.advance(5_000);

    await eventually(until('its end'), () => !started.some(isRunning));
    expect(new Set((await Promise.all(results)).flat())).toEqual(
      new Set(['TransientError: reading the API credentials of user u: no response in time']),
    );
  });

  it('that writes without end is killed', async () => {
    await open('echo $$ >> $D/plugins; exec yes');

    const failures = await sendOverBoth();

    expect(failures).toHaveLength(2);
    expect(failures[0]).toContain('reading the API credentials of user u: ');
    expect((await pidsIn('plugins')).filter(isRunning)).toEqual([]);
  });

  it('that prints something else is named without its output', async () => {
    await open('echo secret');

    expect(await sendOverBoth()).toEqual(
      Array.from(
        { length: 2 },
        () =>
          'TransientError: reading the API credentials of user u: the exec plugin printed no ExecCredential with a status',
      ),
    );
  });

  it('runs again when what it printed has expired', async () => {
    const at = new Date(clock.now().getTime() + 60_000).toISOString();
    const status = `{"status":{"token":"t","expirationTimestamp":"${at}"}}`;
    await open(`echo $$ >> $D/plugins; echo '${status}'`);

    await sendOverBoth();
    await clock.advance(59_000);
    expect(await sendOverBoth()).toEqual([]);
    expect(await pidsIn('plugins')).toHaveLength(1);
    await clock.advance(10_000);
    await sendOverBoth();

    expect(await pidsIn('plugins')).toHaveLength(2);
    expect(apiServer.requests[0]?.headers.authorization).toBe('Bearer t');
  });
});
