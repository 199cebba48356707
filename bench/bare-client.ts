/** The bare client as a process: performs the writes that its parent orders, then reports its start time and its cost. */
import { performance } from 'node:perf_hooks';
import { AdminClient } from '../test/support/control-plane/admin-client.ts';
import {
  type AccountToAttach,
  applySecret,
  patchAccount,
  type SecretTemplate,
} from './bare-writes.ts';
import { type Budget, Pace } from './pace.ts';
import { inParallel } from '../src/base/in-parallel.ts';

export interface BareOrder {
  readonly kubeconfig: string;
  readonly accounts: readonly AccountToAttach[];
  readonly template: SecretTemplate;
  readonly budget: Budget;
  /** How many namespaces are written concurrently. */
  readonly atATime: number;
}

export interface BareReport {
  /** Time of the first write, in milliseconds since the epoch. */
  readonly beganAtMs: number;
  /** CPU of the whole process, including its start. */
  readonly cpuMs: number;
}

async function carryOut(order: BareOrder): Promise<BareReport> {
  const { kubeconfig, accounts, template, budget, atATime } = order;
  const client = await AdminClient.from(kubeconfig);
  const pace = new Pace(budget);
  const beganAtMs = performance.timeOrigin + performance.now();
  await inParallel(accounts, { atOnce: atATime }, async (account) => {
    await Promise.all([
      pace.take().then(async () => applySecret(client, account.namespace, template)),
      pace.take().then(async () => patchAccount(client, account)),
    ]);
  });
  await client.close();
  const { user, system } = process.cpuUsage();
  return { beganAtMs, cpuMs: (user + system) / 1000 };
}

process.once('message', (order) => {
  void carryOut(order as BareOrder).then((report) =>
    process.send?.(report, () => process.disconnect()),
  );
});
process.once('disconnect', () => process.exit());
