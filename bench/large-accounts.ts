/** The memory that ServiceAccounts of a megabyte cost, in a namespace that never opted in: while they come, and at a start. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerProcess } from '../test/support/process/controller-process.ts';
import { BenchCluster } from './bench-cluster.ts';
import type { BenchOptions } from './bench-options.ts';
import { atMost, type Figure, plain } from './figures.ts';
import { readProcessUsage } from './process-usage.ts';

/** In the image, with the chart's limit of 256 MiB. */
const IMAGE_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=128'];
/** Three bytes of JSON each, and sixty as an object. */
const EMPTY_REFERENCES = 340_000;
const GROWTH_TARGET_MB = 20;
const SETTLE_MS = 5_000;

export async function benchLargeAccounts(options: BenchOptions): Promise<readonly Figure[]> {
  const { largeAccounts: count } = options;
  const nodeFlags = [...IMAGE_FLAGS, ...options.nodeFlags];
  const cluster = await BenchCluster.open({ ...options, nodeFlags });
  const start = async (): Promise<ControllerProcess> => {
    const controller = await cluster.startController(undefined);
    await controller.ready();
    return controller;
  };
  try {
    await cluster.createNamespaces(['stranger'], 'other');
    const first = await start();
    const beforeMb = await settledRssMb(first);
    await createLargeAccounts(cluster, count);
    const runningMb = await settledRssMb(first);
    await first.stop();
    const restartedMb = await settledRssMb(await start());
    const about = `${count} ServiceAccounts of 1 MB`;
    return [
      plain('RSS at the start of an empty cluster', beforeMb, 'MB'),
      atMost(`  more while ${about} come`, runningMb - beforeMb, GROWTH_TARGET_MB, 'MB'),
      atMost(`  more at a start with ${about}`, restartedMb - beforeMb, GROWTH_TARGET_MB, 'MB'),
    ];
  } finally {
    await cluster.close();
  }
}

async function createLargeAccounts({ rig }: BenchCluster, count: number): Promise<void> {
  const imagePullSecrets = Array.from({ length: EMPTY_REFERENCES }, () => ({}));
  for (let n = 0; n < count; n += 1) {
    const account = { metadata: { name: `large-${n}` }, imagePullSecrets };
    await rig.admin.create('/api/v1/namespaces/stranger/serviceaccounts', account);
  }
}

/** Throws if the controller has died of it. */
async function settledRssMb(controller: ControllerProcess): Promise<number> {
  await delay(SETTLE_MS);
  if (controller.hasExited) throw new Error(`the controller died: ${controller.errorOutput}`);
  return (await readProcessUsage(controller.pid)).rssMb;
}
