/**
 * `npm run bench:event-loop`: the longest turns of the event loop, in the real controller in this process, over a
 * simulated cluster of many namespaces in another one. Needs only Node.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type App, startApp } from '../src/app/app.ts';
import { systemClock } from '../src/base/system-clock.ts';
import { SimulatedAws } from '../simulator/aws/simulated-aws.ts';
import type { Order, Scraped } from './event-loop/big-cluster.ts';
import { type Turn, TurnProbe } from './event-loop/turn-probe.ts';
import { type Figure, atMost, plain, renderTable } from './figures.ts';

const { values } = parseArgs({
  options: {
    namespaces: { type: 'string', default: '10000' },
    hosts: { type: 'string', default: '30' },
  },
});
const COUNT = Number(values.namespaces);
const dir = await mkdtemp(join(tmpdir(), 'event-loop-'));
const file = join(dir, 'config.yaml');
const hosts = Array.from(
  { length: Number(values.hosts) },
  (_, n) => `${100_000_000_000 + n}.dkr.ecr.eu-west-1.amazonaws.com`,
);
const child = fork(new URL('./event-loop/big-cluster.ts', import.meta.url), [String(COUNT)], {
  execArgv: ['--max-old-space-size=6000'],
});
const kubeconfig = await reply<string>('start');
await writeFile(join(dir, 'kubeconfig'), kubeconfig);
const aws = new SimulatedAws({ clock: systemClock, marker: 'Bench' });
const lines: string[] = [];
const probe = new TurnProbe();
const figures: Figure[] = [];

await configure({});
let app = await start();
await phase('cold start: until the caches are complete', 500, () => logged('caches are complete'));
await phase(`  then until ${COUNT} Secrets and references are written`, 50, async () => {
  await until(async () => (await ask('countSecrets')) === COUNT);
  await until(async () => (await ask('countReferences')) === 2 * COUNT);
  await quiet();
});
await app.stop();
await probe.take();

app = await start();
await phase('restart: until the caches are complete', 500, () => logged('caches are complete'));
await phase('  then the first sweep', 50, quiet);
await phase('ten scrapes, a second apart', 50, async () => {
  for (let n = 0; n < 10; n += 1) await Promise.all([readMetrics(), pass(1000)]);
});
await phase('a hundred scrapes at once', 50, async () => {
  const { livezMs, slowestMs } = await ask<Scraped>('scrape');
  figures.push(atMost('  /livez meanwhile', livezMs, 1000, 'ms'));
  figures.push(plain('  the slowest of them', slowestMs, 'ms'));
});
await phase('a changed configuration sweeps all', 50, async () => {
  await configure({ refresh: { jitterFraction: 0.11 } });
  await logged('configuration changed');
  await quiet();
});
await phase('every namespace gets a label', 50, async () => {
  await ask('labelAll');
  await quiet();
});
await phase('every watch is cut and lists again', 50, async () => {
  await ask('relist');
  await pass(15_000);
  await quiet();
});
await phase('every namespace is excluded, and the brake engages', 50, async () => {
  await configure({ namespaces: { exclude: ['team-*'] }, removal: { gracePeriod: '1s' } });
  await logged('configuration changed');
  await logged('removal brake engaged, nothing is removed');
  await quiet();
});
probe.stop();
await app.stop();
child.kill();
await rm(dir, { recursive: true });
console.log(
  `Node ${process.version}, ${COUNT} namespaces with ${hosts.length} registry hosts, 2 ServiceAccounts each\n`,
);
console.log(renderTable(figures));

async function phase(name: string, limitMs: number, act: () => Promise<void>): Promise<void> {
  console.error(`${new Date().toISOString()} ${name}`);
  const at = figures.length;
  await act();
  const [longest] = await probe.take();
  figures.splice(at, 0, ...describe(name, longest, limitMs));
}

function describe(name: string, turn: Turn | undefined, limitMs: number): readonly Figure[] {
  const { busyMs, wallMs, gcMs } = turn ?? { busyMs: 0, wallMs: 0, gcMs: 0 };
  const rest = `wall ${Math.round(wallMs)} ms, gc ${Math.round(gcMs)} ms`;
  return [atMost(`${name} (${rest})`, busyMs, limitMs, 'ms')];
}

async function start(): Promise<App> {
  lines.length = 0;
  return startApp(
    {
      version: 'bench',
      config: file,
      kubeconfig: join(dir, 'kubeconfig'),
      listen: '127.0.0.1:0',
      instance: 'default',
      leaderElect: false,
      logLevel: 'info',
      logFormat: 'json',
    },
    {
      environment: { AWS_REGION: 'eu-west-1' },
      clock: systemClock,
      random: Math.random,
      aws: { wire: aws.wire(), credentials: { accessKeyId: 'BENCH', secretAccessKey: 'bench' } },
      writeLog: (line) => lines.push(line),
    },
  );
}

async function configure(changes: object): Promise<void> {
  const config = {
    profiles: { default: { registries: hosts } },
    kubernetes: { qps: 1000, burst: 2000 },
    ...changes,
  };
  await writeFile(`${file}.new`, JSON.stringify(config));
  await rename(`${file}.new`, file);
}

async function logged(message: string): Promise<void> {
  await until(() => Promise.resolve(lines.some((line) => line.includes(message))));
}

/** Until no namespace waits for its pass. */
async function quiet(): Promise<void> {
  await pass(3000);
  await until(async () => /^workqueue_depth\{[^}]*\} 0$/m.test(await readMetrics()));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pass(500);
}

async function readMetrics(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${app.port}/metrics`);
  return response.text();
}

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function ask<T = number>(order: Order): Promise<T> {
  child.send({ order, port: app.port });
  return reply<T>(order);
}

async function reply<T>(order: Order | 'start'): Promise<T> {
  return new Promise((resolve) => {
    child.on('message', function listen(message: { order: string; answer: T }) {
      if (message.order !== order) return;
      child.off('message', listen);
      resolve(message.answer);
    });
  });
}
