/** The second stage of a plan: decides what becomes of our Secret and of each of its entries. */
import { type ListedProfile, eligibleProfiles } from '../eligibility/eligibility.ts';
import { isOurs } from '../eligibility/ownership.ts';
import type { Profile } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import { after } from '../times.ts';
import { jitterOf } from '../token/refresh-policy.ts';
import { type EntryPlan, planEntries } from './entry-plan.ts';
import type { AnnotateSecretStep, PlanInput, RemovalReason } from './plan-model.ts';
import { type Due, dueRemoval, dueWithdrawals } from './removal-stamp.ts';
import type { Request } from './request.ts';
import { withdrawnProfiles } from './withdrawal.ts';
import { repairOf } from './write-reason.ts';

export type Fate = Nothing | Maintained | Stamped | Removed;

/** `withheld`, here and in the other fates: bookkeeping that would come first if it were allowed. */
interface Nothing {
  readonly kind: 'nothing';
  readonly withheld?: AnnotateSecretStep | undefined;
  readonly requeueAt: Date | undefined;
}

/** Kept correct, or created if missing. */
export interface Maintained {
  readonly kind: 'maintained';
  readonly profiles: readonly Profile[];
  readonly entries: readonly EntryPlan[];
  readonly isRequested: boolean;
  /** The refresh request that a write may record as satisfied, if it satisfies all rows. */
  readonly refreshRequestedAt: string | undefined;
  readonly withheld?: AnnotateSecretStep | undefined;
  readonly requeueAt: Date | undefined;
}

/** Before anything else, the Secret must be stamped with the time of a removal, or lose that stamp. */
interface Stamped {
  readonly kind: 'stamped';
  readonly stamp: AnnotateSecretStep;
}

interface Removed {
  readonly kind: 'removed';
  readonly reason: RemovalReason;
  readonly existing: CachedPullSecret;
  readonly withheld?: AnnotateSecretStep | undefined;
}

/** `removalAllowed`: false while the brake is engaged; what is due for removal is kept fresh instead. */
export function decideFate(input: PlanInput, request: Request, removalAllowed: boolean): Fate {
  const { pullSecret } = input.observed;
  if (pullSecret !== undefined && !isOurs(pullSecret, request)) return NOTHING;
  if (request.kind === 'in') return fateOfOptedIn(input, request, removalAllowed);
  if (pullSecret === undefined) return NOTHING;
  if (request.kind === 'frozen') return maintain(input, request);
  const desired = request.kind === 'excluded' ? undefined : request;
  return fateOfOptedOut(input, dueRemoval(input, pullSecret, removalAllowed), desired);
}

const NOTHING: Nothing = { kind: 'nothing', requeueAt: undefined };

/** The fate in a namespace that is opted in. */
function fateOfOptedIn(input: PlanInput, request: Desired, removalAllowed: boolean): Fate {
  const { observed, settings } = input;
  const { pullSecret } = observed;
  const names = withdrawnProfiles(pullSecret, request.listedProfiles, observed, settings);
  const { stamp, due, requeueAt } =
    pullSecret?.appliedByUs === true
      ? dueWithdrawals(input, pullSecret, names, removalAllowed)
      : { ...NOT_DUE, due: [] };
  if (stamp !== undefined && input.bookkeepingAllowed) return { kind: 'stamped', stamp };
  const fate = maintain(input, request, due);
  if (pullSecret !== undefined && due.length > 0 && !remains(pullSecret, fate)) {
    return { kind: 'removed', reason: 'profileWithdrawn', existing: pullSecret, withheld: stamp };
  }
  return { ...fate, withheld: stamp, requeueAt };
}

const NOT_DUE: Due<undefined> = { stamp: undefined, due: undefined, requeueAt: undefined };

/** The fate in one that is not. `desired`: what keeps its Secret fresh until the removal; `undefined`: no new tokens. */
function fateOfOptedOut(
  input: PlanInput,
  { stamp, due, requeueAt }: Due<CachedPullSecret | undefined>,
  desired: Desired | undefined,
): Fate {
  if (stamp !== undefined && input.bookkeepingAllowed) return { kind: 'stamped', stamp };
  if (due !== undefined) return { kind: 'removed', reason: 'optedOut', existing: due };
  const rest = desired === undefined ? NOTHING : maintain(input, desired);
  return { ...rest, withheld: stamp, requeueAt };
}

interface Desired {
  readonly listedProfiles: readonly ListedProfile[];
  readonly refreshRequestedAt?: string | undefined;
}

/** A token may be this much older than the request that it satisfies, so that one mint can serve all namespaces. */
const REQUEST_TOLERANCE_MS = 60_000;

/** `withdrawn`: the profiles whose entries are removed now because the namespace may no longer use them. */
function maintain(
  input: PlanInput,
  desired: Desired,
  withdrawn: readonly string[] = [],
): Maintained {
  const { observed, settings, now, refreshRequestSeenAt } = input;
  const existing = observed.pullSecret;
  const satisfied = existing?.refreshRequestedAt;
  const requested = desired.refreshRequestedAt ?? satisfied;
  const isRequested = requested !== undefined && requested !== satisfied;
  const openSince = isRequested ? refreshRequestSeenAt : undefined;
  // If the Secret does not work now, any live token is better than waiting for one that satisfies an open request.
  const isPostponed = openSince !== undefined && repairOf(existing) !== undefined;
  const entries = planEntries({
    existing,
    listedProfiles: desired.listedProfiles,
    withdrawn,
    requestedSince:
      openSince === undefined || isPostponed ? undefined : after(openSince, -REQUEST_TOLERANCE_MS),
    now,
    jitter: jitterOf(observed.uid),
    refresh: settings.refresh,
  });
  return {
    kind: 'maintained',
    profiles: eligibleProfiles(desired.listedProfiles),
    entries,
    isRequested,
    refreshRequestedAt: isPostponed ? satisfied : requested,
    requeueAt: undefined,
  };
}

/** Whether anything remains in the Secret without the withdrawn profiles, even if AWS gives no token. */
function remains(existing: CachedPullSecret, { profiles, entries }: Maintained): boolean {
  // If somebody else has changed the Secret, its content is unknown: only the write can find out what remains.
  if (!existing.dataOurs || !existing.tokensOurs) return profiles.length > 0;
  const left = entries.filter(({ verdict, record }) => verdict !== 'drop' && record !== undefined);
  return left.length > 0;
}
