import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { startApp } from '../../../src/app/app.ts';
import { eventually } from '../../support/suite/eventually.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'app-'));
});
afterEach(() => rm(directory, { recursive: true }));

function start(config: string) {
  const clock = new VirtualClock();
  const cluster = new SimulatedCluster({ clock });
  const lines: string[] = [];
  const app = startApp(
    {
      version: '0',
      config,
      listen: '127.0.0.1:0',
      instance: 'default',
      leaderElect: false,
      logLevel: 'info',
      logFormat: 'json',
    },
    {
      environment: { AWS_REGION: 'eu-west-1' },
      clock,
      random: () => 0.5,
      apiServer: { address: 'simulator', openWire: () => cluster.wire() },
      aws: {},
      writeLog: (line) => void lines.push(line),
    },
  );
  return { app, clock, lines };
}

describe('the app', () => {
  it('starts with no part of a configuration file that is being written', async () => {
    const file = join(directory, 'config.yaml');
    await writeFile(file, 'attach: {mode: none}\n');
    const { app, clock, lines } = start(file);
    await eventually(
      { what: 'the first read', limitMs: 10_000, everyMs: 5 },
      () => clock.pending > 0,
    );

    await writeFile(file, 'attach: {mode: none}\nsecretName: mine\n');
    await eventually({ what: 'the start', limitMs: 10_000, everyMs: 5 }, async () => {
      await clock.advance(100);
      return lines.length > 0;
    });

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'started', secretName: 'mine' });
    const stopped = (await app).stop();
    await eventually({ what: 'the stop', limitMs: 10_000, everyMs: 5 }, async () => {
      await clock.advance(1_000);
      return lines.some((line) => line.includes('"stopped"'));
    });
    await stopped;
  });
});
