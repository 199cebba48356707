/** Makes the controller look at namespaces again, and waits until it has: what it then hasn't written it won't write. */
import { eventually } from './eventually.ts';
import type { Rig } from './rig.ts';

/** Touches each namespace, in a way that means nothing to the product. */
export async function lookAgain(
  { admin, controller }: Rig,
  namespaces: readonly string[],
): Promise<void> {
  const looks = async () => {
    const metrics = await controller.metrics();
    const isIdle =
      metrics.value('workqueue_depth') === 0 &&
      metrics.value('workqueue_unfinished_work_seconds') === 0;
    return isIdle ? metrics.value('workqueue_work_duration_seconds_count') : undefined;
  };
  const before = await eventually({ what: 'an idle controller', limitMs: 30_000 }, looks);
  const labels = { touched: String(Date.now()) };
  for (const name of namespaces) {
    await admin.mergePatch(`/api/v1/namespaces/${name}`, { metadata: { labels } });
  }
  await eventually({ what: 'another look at each namespace', limitMs: 30_000 }, async () => {
    const now = await looks();
    return now !== undefined && now >= before + namespaces.length;
  });
}
