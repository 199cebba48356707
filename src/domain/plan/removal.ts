/**
 * What is to be removed, and when it is due. The time is stamped on the Secret as `removal-due-at`, so that a restart does
 * not prolong the grace period, and remembered by the leadership term, so that nobody prolongs it by changing the stamp.
 */
import { eligibilityOf } from '../eligibility/eligibility.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import {
  dueOfAll,
  dueOfProfile,
  parseRemovalDue,
  renderRemovalDue,
  type RemovalDue,
} from '../state/removal-due.ts';
import { after, earliest, latest } from '../times.ts';
import type { AnnotateSecretStep, PlanInput } from './plan-model.ts';
import { profilesIn, type Request } from './request.ts';
import { withdrawnProfiles } from './withdrawal.ts';

export interface Removal {
  /** What is due now: the whole Secret, or the entries of these profiles. */
  readonly due: 'all' | readonly string[];
  /** When the next of the others is due. */
  readonly nextAt: Date | undefined;
  /** The change of the stamp that must be written unless something is due. */
  readonly stamp: AnnotateSecretStep | undefined;
  /** To be remembered: no later plan of the term may grant more time. A time that no stamp ever had does not count. */
  readonly seen: RemovalDue | undefined;
}

type Known = readonly (RemovalDue | undefined)[];

export function planRemoval(input: PlanInput, request: Request): Removal {
  const { pullSecret } = input.observed;
  switch (request.kind) {
    case 'in':
      return withdrawal(input, request.listedProfiles);
    case 'out':
    case 'excluded':
      // Without our Apply entry, it is not ours there.
      return pullSecret?.appliedByUs === true ? wholeRemoval(input, pullSecret) : nothing(input);
    case 'frozen':
      return nothing(input);
  }
}

/** What is gone or can't be read may come back: its time keeps running. */
function nothing({ removalSeen }: PlanInput): Removal {
  return { due: [], nextAt: undefined, stamp: undefined, seen: removalSeen };
}

/** After an opt-out. */
function wholeRemoval(input: PlanInput, existing: CachedPullSecret): Removal {
  const { settings, now } = input;
  // The times of single entries carry over, so that leaving and rejoining the list never prolongs the grace period.
  const knownAt = dueOfAll([
    parseRemovalDue(existing.removalDueAt),
    seenOfEntries(input, existing),
  ]);
  const at = earliest([knownAt, after(now, settings.removal.gracePeriodMs)]) ?? now;
  const stamp = stampOf(existing, { kind: 'whole', at });
  const seen = knownAt === undefined ? undefined : ({ kind: 'whole', at: knownAt } as const);
  // Not in the pass that sees it first, however short the grace period is.
  return knownAt !== undefined && knownAt <= now
    ? { due: 'all', nextAt: undefined, stamp, seen }
    : { due: [], nextAt: latest([at, after(now, 1)]), stamp, seen };
}

/** Of the profiles that the namespace may no longer use, each with a time of its own. Without any, the stamp is cleared. */
function withdrawal(
  input: PlanInput,
  listedProfiles: Extract<Request, { kind: 'in' }>['listedProfiles'],
): Removal {
  const { observed, settings, now } = input;
  const { pullSecret } = observed;
  const names = withdrawnProfiles(pullSecret, listedProfiles, observed, settings);
  const known = knownTimes(input);
  const at = (name: string): Date | undefined => dueOfProfile(name, known);
  return {
    due: names.filter((name) => (at(name) ?? after(now, 1)) <= now),
    nextAt: earliest(names.map(at).filter((time) => time !== undefined && time > now)),
    stamp:
      pullSecret?.appliedByUs === true
        ? stampOf(pullSecret, timesOf(names, input, known))
        : undefined,
    seen: seenTimes([...names, ...stillDenied(input)], known),
  };
}

/** What was seen, without the times of profiles that the Secret has no entry of. */
function seenOfEntries(
  { removalSeen }: PlanInput,
  existing: CachedPullSecret,
): RemovalDue | undefined {
  if (removalSeen?.kind !== 'profiles') return removalSeen;
  const present = profilesIn(existing);
  return {
    kind: 'profiles',
    at: new Map([...removalSeen.at].filter(([name]) => present.includes(name))),
  };
}

function knownTimes({ observed, removalSeen }: PlanInput): Known {
  return [parseRemovalDue(observed.pullSecret?.removalDueAt), removalSeen];
}

/** Without entries now, but somebody may bring them back. */
function stillDenied({ removalSeen, observed, settings }: PlanInput): readonly string[] {
  if (removalSeen?.kind !== 'profiles') return [];
  return [...removalSeen.at.keys()].filter(
    (name) => eligibilityOf(name, observed, settings).kind === 'denied',
  );
}

/** By name: the earliest known time, unless that is later than the grace period allows. */
function timesOf(
  names: readonly string[],
  { settings, now }: PlanInput,
  known: Known,
): RemovalDue | undefined {
  if (names.length === 0) return undefined;
  const latestAt = after(now, settings.removal.gracePeriodMs);
  const times = [...names]
    .sort()
    .map((name) => [name, earliest([dueOfProfile(name, known), latestAt]) ?? latestAt] as const);
  return { kind: 'profiles', at: new Map(times) };
}

function seenTimes(names: readonly string[], known: Known): RemovalDue | undefined {
  const times = [...names].sort().flatMap((name) => {
    const at = dueOfProfile(name, known);
    return at === undefined ? [] : [[name, at] as const];
  });
  return times.length === 0 ? undefined : { kind: 'profiles', at: new Map(times) };
}

/** `undefined` if the Secret has the right stamp. */
function stampOf(
  existing: CachedPullSecret,
  times: RemovalDue | undefined,
): AnnotateSecretStep | undefined {
  const removalDueAt = times === undefined ? null : renderRemovalDue(times);
  if (removalDueAt === (existing.removalDueAt ?? null)) return undefined;
  const reason = removalDueAt === null ? 'removalCleared' : 'removalStamped';
  return { kind: 'annotateSecret', reason, existing, removalDueAt };
}
