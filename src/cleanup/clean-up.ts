/** Pauses the controller, deletes our Secrets and the references to them, then orphaned references if asked to. */
import { ControllerError, renderError } from '../domain/errors.ts';
import type { CleanupTask } from './cleanup-task.ts';
import { orphanedReferenceTarget } from './clear-references.ts';
import { secretTarget } from './clear-secret.ts';
import { Clearing } from './clearing.ts';
import { leftoverOf, orphanedReferenceLeft } from './leftover.ts';
import { startLimits } from './limits.ts';
import { pauseLeader, waitForPause } from './pause-leader.ts';
import { type Ending, type Findings, isClean, type LeaseFate, Tally } from './report.ts';
import { removeLease } from './remove-lease.ts';

/** Rejects only for a bug of ours. */
export async function cleanUp(task: CleanupTask): Promise<Findings> {
  const { clock, removesOrphanedReferences, print } = task;
  const limits = startLimits(clock, task);
  let lease = 'kept' as LeaseFate;
  const noteLease = (fate: LeaseFate): void => {
    lease = fate;
  };
  const source = { ...task, signal: limits.soon };
  const pausing = { ...source, noteLease };
  const deps = { clock, print, ...limits, waitForPause: () => waitForPause(pausing) };
  const tally = new Tally();
  const secrets = new Clearing(secretTarget(source, tally), deps);
  const orphans = new Clearing(orphanedReferenceTarget(source, tally), deps);
  try {
    const ending = await endingOf(task.stop, async () => {
      await pauseLeader(pausing);
      await secrets.run();
      await orphans.run();
    });
    const left = [...secrets.left(leftoverOf), ...secrets.unread, ...orphans.unread];
    const orphanedReferences = orphans.left(orphanedReferenceLeft);
    const isAllDone =
      ending.kind === 'done' && isClean({ left, orphanedReferences, removesOrphanedReferences });
    if (isAllDone && lease === 'created') lease = await removeLease(source);
    return { ending, ...tally.counts, left, removesOrphanedReferences, orphanedReferences, lease };
  } finally {
    limits.release();
  }
}

async function endingOf(stop: AbortSignal, work: () => Promise<void>): Promise<Ending> {
  try {
    await work();
    return { kind: 'done' };
  } catch (error) {
    if (stop.aborted) return { kind: 'interrupted' };
    if (error instanceof ControllerError) return { kind: 'failed', why: renderError(error) };
    throw error;
  }
}
