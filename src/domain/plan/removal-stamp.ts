/** When what is to go may go: written on the Secret as `removal-due-at`, so that a restart prolongs no grace. */
import type { CachedPullSecret } from '../state/observed.ts';
import {
  firstDue,
  parseRemovalDue,
  renderRemovalDue,
  type RemovalDue,
} from '../state/removal-due.ts';
import { after, earliest } from '../times.ts';
import type { AnnotateSecretStep, PlanInput } from './plan-model.ts';

/** Nothing wakes a namespace when the brake is released. */
const LOOK_AGAIN_MS = 60_000;

export interface Due<T> {
  /** What the stamp on the Secret must be made to say before anything is removed. */
  readonly stamp: AnnotateSecretStep | undefined;
  /** What may go now. */
  readonly due: T;
  readonly requeueAt: Date | undefined;
}

/** Of a whole Secret with our Apply entry, after an opt-out. */
export function dueRemoval(
  { settings, now }: PlanInput,
  existing: CachedPullSecret,
  removalAllowed: boolean,
): Due<CachedPullSecret | undefined> {
  const stamped = parseRemovalDue(existing.removalDueAt);
  const latestDue = after(now, settings.removal.gracePeriodMs);
  const dueAt = stamped === undefined ? undefined : firstDue(stamped);
  if (stamped?.kind !== 'whole' || dueAt === undefined || dueAt > latestDue) {
    // Times of single profiles are passed on, so that going in and out of the list never prolongs the grace.
    const at = earliest([dueAt, latestDue]) ?? latestDue;
    const stamp = stampStep(existing, renderRemovalDue({ kind: 'whole', at }));
    return { stamp, due: undefined, requeueAt: undefined };
  }
  if (now < dueAt) return { stamp: undefined, due: undefined, requeueAt: dueAt };
  return removalAllowed
    ? { stamp: undefined, due: existing, requeueAt: undefined }
    : { stamp: undefined, due: undefined, requeueAt: after(now, LOOK_AGAIN_MS) };
}

/**
 * Of the entries of profiles that a namespace may no longer use: each profile has a time of its own. `names`: every one
 * that is withdrawn; where there is none, a stamp of former days is cleared.
 */
export function dueWithdrawals(
  input: PlanInput,
  existing: CachedPullSecret,
  names: readonly string[],
  removalAllowed: boolean,
): Due<readonly string[]> {
  const { now } = input;
  const stamped = parseRemovalDue(existing.removalDueAt);
  const wanted = wantedTimes(input, names, stamped);
  const removalDueAt =
    names.length === 0 ? null : renderRemovalDue({ kind: 'profiles', at: wanted });
  const isStamped = removalDueAt === (existing.removalDueAt ?? null);
  const stamp = isStamped ? undefined : stampStep(existing, removalDueAt);

  const times = stamped?.kind === 'profiles' ? stamped.at : new Map<string, Date>();
  const at = (name: string): Date | undefined => times.get(name);
  const due = names.filter((name) => (at(name) ?? after(now, 1)) <= now);
  const nextAt = earliest(names.map(at).filter((time) => time !== undefined && time > now));
  if (due.length === 0 || removalAllowed) return { stamp, due, requeueAt: nextAt };
  return { stamp, due: [], requeueAt: earliest([nextAt, after(now, LOOK_AGAIN_MS)]) };
}

/** By name. What stands there counts, unless it is later than the grace period allows. */
function wantedTimes(
  { settings, now }: PlanInput,
  names: readonly string[],
  stamped: RemovalDue | undefined,
): ReadonlyMap<string, Date> {
  const latestDue = after(now, settings.removal.gracePeriodMs);
  const times = [...names].sort().map((name): readonly [string, Date] => {
    // Whoever was on the way out already gains no time.
    const at = stamped?.kind === 'whole' ? stamped.at : stamped?.at.get(name);
    return [name, at !== undefined && at < latestDue ? at : latestDue];
  });
  return new Map(times);
}

function stampStep(existing: CachedPullSecret, removalDueAt: string | null): AnnotateSecretStep {
  const reason = removalDueAt === null ? 'removalCleared' : 'removalStamped';
  return { kind: 'annotateSecret', reason, existing, removalDueAt };
}
