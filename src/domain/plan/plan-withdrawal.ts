/** When the entries of profiles that a namespace may no longer use are to go: each profile has a time of its own. */
import type { AnnotateSecretStep, PlanInput } from './plan-model.ts';
import { LOOK_AGAIN_MS } from './plan-removal.ts';
import { type RemovalDue, parseRemovalDue, renderRemovalDue } from '../state/removal-due.ts';
import { after, earliest } from '../times.ts';

export interface Withdrawal {
  /** What the stamp on the Secret must be made to say before anything else. */
  readonly stamp: AnnotateSecretStep | undefined;
  /** The profiles whose entries may go now. */
  readonly due: readonly string[];
  readonly recheckAt: Date | undefined;
}

const NOTHING: Withdrawal = { stamp: undefined, due: [], recheckAt: undefined };

/** `names`: every profile that is withdrawn, none included: then a stamp of former days is cleared. */
export function planWithdrawal(input: PlanInput, names: readonly string[]): Withdrawal {
  const { pullSecret } = input.observed;
  if (pullSecret?.appliedByUs !== true) return NOTHING;
  const stamped = parseRemovalDue(pullSecret.removalDueAt);
  const wanted = wantedStamp(input, names, stamped);
  const removalDueAt =
    names.length === 0 ? null : renderRemovalDue({ kind: 'profiles', at: wanted });
  if (!input.bookkeepingAllowed || removalDueAt === (pullSecret.removalDueAt ?? null)) {
    const times = stamped?.kind === 'profiles' ? stamped.at : new Map<string, Date>();
    return byTime(input, names, times);
  }
  const reason = removalDueAt === null ? 'removalCleared' : 'removalStamped';
  const stamp = { kind: 'annotateSecret', reason, existing: pullSecret, removalDueAt } as const;
  return { ...NOTHING, stamp };
}

function byTime(
  { now, removalAllowed }: PlanInput,
  names: readonly string[],
  times: ReadonlyMap<string, Date>,
): Withdrawal {
  const stamped = names.flatMap((name) => {
    const at = times.get(name);
    return at === undefined ? [] : [{ name, at }];
  });
  const due = stamped.filter(({ at }) => at <= now).map(({ name }) => name);
  const nextAt = earliest(stamped.map(({ at }) => at).filter((at) => at > now));
  if (due.length === 0 || removalAllowed) return { stamp: undefined, due, recheckAt: nextAt };
  return { ...NOTHING, recheckAt: earliest([nextAt, after(now, LOOK_AGAIN_MS)]) };
}

/** By name. What stands there counts, unless it is later than the grace period allows. */
function wantedStamp(
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
