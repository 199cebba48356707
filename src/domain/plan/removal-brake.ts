/** Whether too much is about to be removed at once: a mistake in a selector must not take every Secret away. */
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { isOurs } from '../state/ownership.ts';
import { firstDue, parseRemovalDue } from '../state/removal-due.ts';
import type { Settings } from '../settings.ts';
import { listProfiles } from '../eligibility/eligibility.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import { withdrawnProfiles } from './withdrawal.ts';

/** What is due later than this can still be noticed and fixed by people: it is not pending yet. */
const HORIZON_MS = 10 * 60_000;
/** Small clusters remove a few Secrets whatever the percentage says. */
const ALWAYS_ALLOWED = 5;

export interface BrakeState {
  /** Our Secrets. */
  readonly managed: number;
  /** Those of them that are about to go, or to lose a profile. */
  readonly pending: number;
  readonly limit: number;
  /** While engaged, nothing at all is removed. */
  readonly engaged: boolean;
}

/** `pairs`: every Secret of our name in the caches with its namespace. */
export function assessBrake(
  pairs: Iterable<{ readonly namespace: CachedNamespace; readonly pullSecret: CachedPullSecret }>,
  settings: Settings,
  now: Date,
): BrakeState {
  let managed = 0;
  let pending = 0;
  for (const { namespace, pullSecret } of pairs) {
    if (!isOurs(pullSecret)) continue;
    managed += 1;
    if (isPending(namespace, pullSecret, settings, now)) pending += 1;
  }
  const limit = limitOf(settings, managed);
  return { managed, pending, limit, engaged: pending > limit };
}

function isPending(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret,
  settings: Settings,
  now: Date,
): boolean {
  // What is going already is not ours to remove any more: a finalizer of somebody may keep it for ever.
  if (namespace.terminating || pullSecret.terminating) return false;
  // What only bears our label may not be deleted: it counts once a refresh has made it ours.
  if (!pullSecret.appliedByUs) return false;
  const due = parseRemovalDue(pullSecret.removalDueAt);
  // A stamp later than the grace period allows does not hold: the next look sets it right.
  const latestMs = now.getTime() + settings.removal.gracePeriodMs;
  const isSoon = (at: Date | undefined): boolean =>
    at === undefined || Math.min(at.getTime(), latestMs) <= now.getTime() + HORIZON_MS;
  const going = whatGoes(namespace, pullSecret, settings);
  if (going === 'nothing') return false;
  if (going === 'all') return isSoon(due === undefined ? undefined : firstDue(due));
  return going.some((name) => isSoon(due?.kind === 'profiles' ? due.at.get(name) : due?.at));
}

/** Also an entry that is taken out of a Secret which stays. */
function whatGoes(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret,
  settings: Settings,
): 'nothing' | 'all' | readonly string[] {
  const optIn = decideOptIn(namespace, settings);
  if (optIn.kind === 'frozen') return 'nothing';
  if (optIn.kind !== 'in') return 'all';
  const listedProfiles = listProfiles(optIn.request.profiles, namespace, settings);
  const withdrawn = withdrawnProfiles(pullSecret, listedProfiles, namespace, settings);
  return withdrawn.length === 0 ? 'nothing' : withdrawn;
}

function limitOf({ removal }: Settings, managed: number): number {
  return removal.brake.kind === 'count'
    ? removal.brake.count
    : Math.max(ALWAYS_ALLOWED, removal.brake.fraction * managed);
}
