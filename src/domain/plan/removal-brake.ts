/** Decides whether too many removals are pending at once: a mistake in a selector must not remove every Secret. */
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { dueOfAll, dueOfProfile, parseRemovalDue, type RemovalDue } from '../state/removal-due.ts';
import type { Settings } from '../settings.ts';
import { listProfiles } from '../eligibility/eligibility.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import { isOursIn } from '../eligibility/ownership.ts';
import { withdrawnProfiles } from './withdrawal.ts';

/** A removal that is due later than this is not pending yet: people can still notice and stop it. */
const HORIZON_MS = 10 * 60_000;
/** Small clusters may remove a few Secrets whatever the percentage. */
const ALWAYS_ALLOWED = 5;

/** What one Secret means for the brake. It depends on nothing else than the records and the settings. */
export interface Share {
  readonly isManaged: boolean;
  /** What is to be removed: the whole Secret, or the entries of these profiles. */
  readonly leaving: 'nothing' | 'all' | readonly string[];
  readonly stamped: RemovalDue | undefined;
}

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

export function shareOf(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret,
  settings: Settings,
): Share {
  const isManaged = isOursIn(namespace, pullSecret, settings);
  const leaving = isManaged ? leavingIn(namespace, pullSecret, settings) : 'nothing';
  const stamped = leaving === 'nothing' ? undefined : parseRemovalDue(pullSecret.removalDueAt);
  return { isManaged, leaving, stamped };
}

/** Whether its removal counts now. `seen`: the due times that the term remembers. */
export function isPending(
  { leaving, stamped }: Share,
  seen: RemovalDue | undefined,
  { removal }: Settings,
  now: Date,
): boolean {
  if (leaving === 'nothing') return false;
  // A time later than the grace period allows is not valid: the next pass corrects it.
  const latestMs = now.getTime() + removal.gracePeriodMs;
  const isSoon = (at: Date | undefined): boolean =>
    at === undefined || Math.min(at.getTime(), latestMs) <= now.getTime() + HORIZON_MS;
  const known = [stamped, seen];
  if (leaving === 'all') return isSoon(dueOfAll(known));
  return leaving.some((name) => isSoon(dueOfProfile(name, known)));
}

export function brakeStateOf(
  { managed, pending }: Pick<BrakeState, 'managed' | 'pending'>,
  { removal }: Settings,
): BrakeState {
  const limit =
    removal.brake.kind === 'count'
      ? removal.brake.count
      : Math.max(ALWAYS_ALLOWED, removal.brake.fraction * managed);
  return { managed, pending, limit, engaged: pending > limit };
}

function leavingIn(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret,
  settings: Settings,
): Share['leaving'] {
  // A Secret that is already being deleted does not count: somebody's finalizer may keep it for ever.
  if (namespace.terminating || pullSecret.terminating) return 'nothing';
  // Nothing is removed while it can't be read.
  if (pullSecret.tooLarge === true) return 'nothing';
  // Only our labels: not deletable before its next refresh has given it our Apply entry.
  if (!pullSecret.appliedByUs) return 'nothing';
  const optIn = decideOptIn(namespace, settings);
  if (optIn.kind === 'frozen') return 'nothing';
  if (optIn.kind !== 'in') return 'all';
  const listedProfiles = listProfiles(optIn.request.profiles, namespace, settings);
  const withdrawn = withdrawnProfiles(pullSecret, listedProfiles, namespace, settings);
  return withdrawn.length === 0 ? 'nothing' : withdrawn;
}
