/** When a removal is due: stamped on the Secret as `removal-due-at`, so that a restart does not prolong the grace period. */
import type { CachedPullSecret } from '../state/observed.ts';
import {
  firstDue,
  parseRemovalDue,
  renderRemovalDue,
  type RemovalDue,
} from '../state/removal-due.ts';
import { after, earliest } from '../times.ts';
import type { AnnotateSecretStep, PlanInput } from './plan-model.ts';

/** Nothing requeues a namespace when the brake is released. */
const REQUEUE_WHILE_BRAKED_MS = 60_000;

export interface Due<T> {
  /** The change of the stamp that must be written before anything is removed. */
  readonly stamp: AnnotateSecretStep | undefined;
  /** What may be removed now. */
  readonly due: T;
  readonly requeueAt: Date | undefined;
}

/** The removal of a whole Secret with our Apply entry, after an opt-out. */
export function dueRemoval(
  { settings, now }: PlanInput,
  existing: CachedPullSecret,
  removalAllowed: boolean,
): Due<CachedPullSecret | undefined> {
  const stamped = parseRemovalDue(existing.removalDueAt);
  const latestDue = after(now, settings.removal.gracePeriodMs);
  const dueAt = stamped === undefined ? undefined : firstDue(stamped);
  if (stamped?.kind !== 'whole' || dueAt === undefined || dueAt > latestDue) {
    // The times of single profiles carry over, so that leaving and rejoining the list never prolongs the grace period.
    const at = earliest([dueAt, latestDue]) ?? latestDue;
    const stamp = stampStep(existing, renderRemovalDue({ kind: 'whole', at }));
    return { stamp, due: undefined, requeueAt: undefined };
  }
  if (now < dueAt) return { stamp: undefined, due: undefined, requeueAt: dueAt };
  return removalAllowed
    ? { stamp: undefined, due: existing, requeueAt: undefined }
    : { stamp: undefined, due: undefined, requeueAt: after(now, REQUEUE_WHILE_BRAKED_MS) };
}

/**
 * The removal of entries whose profiles the namespace may no longer use: each profile has its own time. `names`: every
 * withdrawn profile; if there are none, a stamp from before is cleared.
 */
export function dueWithdrawals(
  input: PlanInput,
  existing: CachedPullSecret,
  names: readonly string[],
  removalAllowed: boolean,
): Due<readonly string[]> {
  const { now } = input;
  const stamped = parseRemovalDue(existing.removalDueAt);
  const desired = desiredTimes(input, names, stamped);
  const removalDueAt =
    names.length === 0 ? null : renderRemovalDue({ kind: 'profiles', at: desired });
  const isStamped = removalDueAt === (existing.removalDueAt ?? null);
  const stamp = isStamped ? undefined : stampStep(existing, removalDueAt);

  const times = stamped?.kind === 'profiles' ? stamped.at : new Map<string, Date>();
  const at = (name: string): Date | undefined => times.get(name);
  const due = names.filter((name) => (at(name) ?? after(now, 1)) <= now);
  const nextAt = earliest(names.map(at).filter((time) => time !== undefined && time > now));
  if (due.length === 0 || removalAllowed) return { stamp, due, requeueAt: nextAt };
  return { stamp, due: [], requeueAt: earliest([nextAt, after(now, REQUEUE_WHILE_BRAKED_MS)]) };
}

/** By name. A time that is already stamped counts, unless it is later than the grace period allows. */
function desiredTimes(
  { settings, now }: PlanInput,
  names: readonly string[],
  stamped: RemovalDue | undefined,
): ReadonlyMap<string, Date> {
  const latestDue = after(now, settings.removal.gracePeriodMs);
  const times = [...names].sort().map((name): readonly [string, Date] => {
    // A Secret that was already due as a whole gains no time.
    const at = stamped?.kind === 'whole' ? stamped.at : stamped?.at.get(name);
    return [name, at !== undefined && at < latestDue ? at : latestDue];
  });
  return new Map(times);
}

function stampStep(existing: CachedPullSecret, removalDueAt: string | null): AnnotateSecretStep {
  const reason = removalDueAt === null ? 'removalCleared' : 'removalStamped';
  return { kind: 'annotateSecret', reason, existing, removalDueAt };
}
