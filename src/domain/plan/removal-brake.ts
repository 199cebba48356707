/** Decides whether too many removals are pending at once: a mistake in a selector must not remove every Secret. */
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { firstDue, parseRemovalDue } from '../state/removal-due.ts';
import type { Settings } from '../settings.ts';
import { listProfiles } from '../eligibility/eligibility.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import { isOursIn } from '../eligibility/ownership.ts';
import { withdrawnProfiles } from './withdrawal.ts';

/** A removal that is due later than this is not pending yet: people can still notice and stop it. */
const HORIZON_MS = 10 * 60_000;
/** Small clusters may remove a few Secrets whatever the percentage. */
const ALWAYS_ALLOWED = 5;

export interface BrakeState {
  /** How many Secrets are ours. */
  readonly managed: number;
  /** How many of them are about to be removed, or to lose a profile. */
  readonly pending: number;
  /** The brake engages above this. */
  readonly limit: number;
  /** While engaged, nothing at all is removed. */
  readonly engaged: boolean;
}

/** `pairs`: every Secret with our name in the caches, with its namespace. */
export function assessBrake(
  pairs: Iterable<{ readonly namespace: CachedNamespace; readonly pullSecret: CachedPullSecret }>,
  settings: Settings,
  now: Date,
): BrakeState {
  let managed = 0;
  let pending = 0;
  for (const { namespace, pullSecret } of pairs) {
    if (!isOursIn(namespace, pullSecret, settings)) continue;
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
  // A Secret that is already being deleted does not count: somebody's finalizer may keep it for ever.
  if (namespace.terminating || pullSecret.terminating) return false;
  // Nothing is removed while it can't be read.
  if (pullSecret.tooLarge === true) return false;
  // A Secret that only has our labels may not be deleted: it counts once a refresh has given it our Apply entry.
  if (!pullSecret.appliedByUs) return false;
  const due = parseRemovalDue(pullSecret.removalDueAt);
  // A stamp later than the grace period allows is not valid: the next pass corrects it.
  const latestMs = now.getTime() + settings.removal.gracePeriodMs;
  const isSoon = (at: Date | undefined): boolean =>
    at === undefined || Math.min(at.getTime(), latestMs) <= now.getTime() + HORIZON_MS;
  const removal = removalIn(namespace, pullSecret, settings);
  if (removal === 'nothing') return false;
  if (removal === 'all') return isSoon(due === undefined ? undefined : firstDue(due));
  return removal.some((name) => isSoon(due?.kind === 'profiles' ? due.at.get(name) : due?.at));
}

/** Names: the profiles whose entries are removed from a Secret that stays. */
function removalIn(
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
