/** The second stage of a plan: decides what becomes of our Secret and of each of its entries. */
import { type ListedProfile, eligibleProfiles } from '../eligibility/eligibility.ts';
import { isOurs } from '../eligibility/ownership.ts';
import type { Profile } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import { after, earliest } from '../times.ts';
import { jitterOf } from '../token/refresh-policy.ts';
import { type EntryPlan, planEntries } from './entry-plan.ts';
import type { AnnotateSecretStep, PlanInput, RemovalReason } from './plan-model.ts';
import type { Removal } from './removal.ts';
import type { Request } from './request.ts';
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

/** `removalAllowed`: false while the removal is held back: what is due is kept fresh instead. */
export function decideFate(
  input: PlanInput,
  request: Request,
  removal: Removal,
  removalAllowed: boolean,
): Fate {
  const { pullSecret } = input.observed;
  if (pullSecret !== undefined && !isOurs(pullSecret, request)) return NOTHING;
  if (request.kind === 'in') return fateOfOptedIn(input, request, removal, removalAllowed);
  if (pullSecret === undefined) return NOTHING;
  if (request.kind === 'frozen') return maintain(input, request);
  return fateOfOptedOut(input, request, removal, removalAllowed);
}

const NOTHING: Nothing = { kind: 'nothing', requeueAt: undefined };

/** The fate in a namespace that is opted in. */
function fateOfOptedIn(
  input: PlanInput,
  request: Desired,
  removal: Removal,
  removalAllowed: boolean,
): Fate {
  const { pullSecret } = input.observed;
  const due = removalAllowed && removal.due !== 'all' ? removal.due : [];
  const stamped = due.length === 0 ? stampFirst(input, removal) : undefined;
  if (stamped !== undefined) return stamped;
  const fate = maintain(input, request, { withdrawn: due });
  const withheld = removal.stamp;
  if (pullSecret !== undefined && due.length > 0 && !remains(pullSecret, fate)) {
    return { kind: 'removed', reason: 'profileWithdrawn', existing: pullSecret, withheld };
  }
  return { ...fate, withheld, requeueAt: requeueAtFor(input, removal, removalAllowed) };
}

/** The fate in one that is not. An excluded one gets no token at all. */
function fateOfOptedOut(
  input: PlanInput,
  request: Extract<Request, { kind: 'out' | 'excluded' }>,
  removal: Removal,
  removalAllowed: boolean,
): Fate {
  const { pullSecret } = input.observed;
  const isDue = removal.due === 'all';
  if (isDue && removalAllowed && pullSecret !== undefined) {
    return { kind: 'removed', reason: 'optedOut', existing: pullSecret };
  }
  const stamped = stampFirst(input, removal);
  if (stamped !== undefined) return stamped;
  // While its removal is held back, nobody knows when that comes: then all that it has is kept fresh.
  const leavesAt = isDue ? undefined : removal.nextAt;
  const rest = request.kind === 'excluded' ? NOTHING : maintain(input, request, { leavesAt });
  const requeueAt = requeueAtFor(input, removal, removalAllowed);
  return { ...rest, withheld: removal.stamp, requeueAt };
}

function stampFirst({ bookkeepingAllowed }: PlanInput, { stamp }: Removal): Stamped | undefined {
  return stamp !== undefined && bookkeepingAllowed ? { kind: 'stamped', stamp } : undefined;
}

/** Nothing requeues a namespace when its removal is no longer held back. */
const REQUEUE_WHILE_HELD_BACK_MS = 60_000;

function requeueAtFor(
  { now }: PlanInput,
  { due, nextAt }: Removal,
  removalAllowed: boolean,
): Date | undefined {
  if (due.length === 0 || removalAllowed) return nextAt;
  return earliest([nextAt, after(now, REQUEUE_WHILE_HELD_BACK_MS)]);
}

interface Desired {
  readonly listedProfiles: readonly ListedProfile[];
  readonly refreshRequestedAt?: string | undefined;
}

interface Leaving {
  /** The profiles whose entries are removed now because the namespace may no longer use them. */
  readonly withdrawn?: readonly string[];
  /** When the whole Secret is to be removed: see `Circumstances`. */
  readonly leavesAt?: Date | undefined;
}

/** A token may be this much older than the request that it satisfies, so that one mint can serve all namespaces. */
const REQUEST_TOLERANCE_MS = 60_000;

function maintain(
  input: PlanInput,
  desired: Desired,
  { withdrawn = [], leavesAt }: Leaving = {},
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
    leavesAt,
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
