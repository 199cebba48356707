/**
 * When a Secret may be removed: for a reason, after its grace period, past the brake, and once no ServiceAccount refers
 * to it.
 */
import { removalLimitOf } from '../model/config-model.ts';
import { graceFloorMs } from './grace-floor.ts';
import type { Change } from '../history.ts';
import { type Situation, situations } from '../model/knowledge.ts';
import {
  eligibilitiesIn,
  eligibleProfiles,
  isDenied,
  isStalled,
  isTerminating,
  isToGo,
  mayBeRemoved,
  mayGo,
  mayWithdraw,
  standingOf,
  withdrawnIn,
} from '../model/policy.ts';
import { type SecretFacts, oursIn } from '../model/secret-facts.ts';
import {
  DECISION_MS,
  MOMENT_MS,
  type SecretStates,
  type WriteContext,
  secretsKnown,
} from './write-context.ts';

/** Stalled removals are tried again one by one, after a pause of up to a minute each. */
const STALLED_MS = 10 * 60_000;

/**
 * A stamp allows the whole grace period, or what an earlier stamp has left of it: for all, or for each profile
 * separately.
 */
export function checkStamp(
  { object, key }: Change,
  { before, after }: SecretStates,
  context: WriteContext,
): void {
  const { facts, known, hop, report } = context;
  const graceMs = Math.min(...known.configs.map((config) => config.graceMs));
  // People have had that time: the grace period starts at the decision, however late its stamp was sent.
  const earliestMs = hop.sentWallMs - DECISION_MS - known.pauseMs + graceMs;
  const namespace = object.metadata.namespace ?? '';
  const all = situations(facts, namespace, known);
  for (const [profile, dueMs] of after.dueAt) {
    if (Number.isNaN(dueMs) || before?.dueAt.get(profile) === dueMs) continue;
    // A clock set between the decision and the sending makes both meaningless.
    const isClockSteady = Number.isFinite(known.skewMs);
    const floorMs = Math.min(earliestMs, graceFloorMs(profile, namespace, before, context));
    if (isClockSteady && dueMs < floorMs) {
      report({ invariant: 'I3', check: 'grace', what: `${key} is stamped for removal too soon` });
    }
    const isFor = (one: Situation): boolean =>
      profile === '' ? mayGo(one, after) : mayWithdraw(profile, one, after);
    if (all.some(isFor)) continue;
    const what = `${key} had to stay: ${profile === '' ? 'all of it' : profile}`;
    report({ invariant: 'I9', check: 'stamp for a reason', what });
  }
}

export function checkDeletion(
  { key, object }: Change,
  before: SecretFacts | undefined,
  context: WriteContext,
): void {
  const { facts, known, report } = context;
  const namespace = object.metadata.namespace ?? '';
  if (before?.isApplied !== true) {
    const what = `deleted ${key} without our Apply entry`;
    return report({ invariant: 'I3', check: 'delete only ours', what });
  }
  if (situations(facts, namespace, known).every((one) => holdsOnlyStalled(before, one))) {
    const what = `deleted ${key}, which had only stalled entries`;
    report({ invariant: 'I9', check: 'an only entry stays', what });
  }
  if (!isWhollyDue(namespace, before, context)) {
    report({
      invariant: 'I3',
      check: 'grace',
      what: `deleted ${key} before the end of its grace period`,
    });
  }
  if (known.confirmedMs === undefined) {
    const what = `deleted ${key} without a live read`;
    return report({ invariant: 'I9', check: 'live read', what });
  }
  const live = situations(facts, namespace, known, known.confirmedMs);
  if (!live.some((one) => mayBeRemoved(one, before))) {
    const what = `deleted ${key}, which had to stay`;
    report({ invariant: 'I9', check: 'delete for a reason', what });
  }
  checkReferences(namespace, context);
  checkBrake(context);
}

/** Stalled entries stay however old they are: an expired Secret does less harm than a deleted one. */
function holdsOnlyStalled({ items }: SecretFacts, one: Situation): boolean {
  if (!['in', 'frozen'].includes(standingOf(one.namespace, one.config))) return false;
  const listedProfiles = eligibilitiesIn(one, items);
  return items.length > 0 && items.every(({ profile }) => isStalled(listedProfiles.get(profile)));
}

/** By one time for the whole Secret, or by the times of every profile that it holds. */
function isWhollyDue(namespace: string, secret: SecretFacts, context: WriteContext): boolean {
  const isDue = (profile: string): boolean => isDueNow(profile, namespace, secret, context);
  return isDue('') || secret.items.every(({ profile }) => isDue(profile));
}

/** Whether its grace period may be over. */
export function isDueNow(
  profile: string,
  namespace: string,
  secret: SecretFacts | undefined,
  context: WriteContext,
): boolean {
  return (
    graceFloorMs(profile, namespace, secret, context) <= context.known.latestWallMs + MOMENT_MS
  );
}

/** First the ServiceAccounts are detached. While another profile may still bring a token, they stay attached. */
function checkReferences(namespace: string, { facts, known, report }: WriteContext): void {
  if (known.configs.some(({ attach }) => !attach)) return;
  if (situations(facts, namespace, known).every((one) => eligibleProfiles(one).length > 0)) return;
  for (const [name, past] of facts.accounts(namespace)) {
    const states = past.during(known.accountsSinceMs, known.atMs);
    if (states.some((state) => state === undefined || oursIn(state) === 0)) continue;
    const what = `deleted the Secret that ServiceAccount ${namespace}/${name} names`;
    report({ invariant: 'contract', check: 'detach first', what });
  }
}

/**
 * Counts only what was pending in every state that the process may have known, against everything that may have been
 * ours.
 */
export function checkBrake(write: WriteContext): void {
  const { facts, report } = write;
  const known = { ...write.known, ...write.known.everywhere };
  const context = { ...write, known };
  const names = facts.namespaces().map(({ metadata }) => metadata.name);
  const pending = names.filter((name) => isSurelyPending(name, context));
  const managed = names.filter((name) =>
    secretsKnown(name, context).some((secret) => secret?.isApplied === true || secret?.isLabelled),
  ).length;
  const limit = Math.max(...known.configs.map((config) => removalLimitOf(config, managed)));
  if (pending.length <= limit) return;
  const what = `removed one of ${pending.length} pending, with ${limit} allowed`;
  report({ invariant: 'I3', check: 'brake', what });
}

export function mayBeHeldBack(name: string, write: WriteContext): boolean {
  return mayBeBraked(write) || mayBeStalled(name, write);
}

/** Whether a process may have believed that too many removals were pending. */
export function mayBeBraked(write: WriteContext): boolean {
  const known = { ...write.known, ...write.known.everywhere };
  const context = { ...write, known };
  const names = write.facts.namespaces().map(({ metadata }) => metadata.name);
  const pending = names.filter((name) => {
    const all = situations(write.facts, name, known);
    return secretsKnown(name, context).some(
      (secret) => secret?.isApplied === true && all.some((one) => mayLose(secret, one)),
    );
  });
  const limit = Math.min(...known.configs.map((config) => removalLimitOf(config, 0)));
  return pending.length > limit;
}

function isSurelyPending(name: string, context: WriteContext): boolean {
  const all = situations(context.facts, name, context.known);
  if (all.length === 0 || all.some(({ namespace }) => isTerminating(namespace))) return false;
  if (!all.every(mayBePending) || mayBeStalled(name, context)) return false;
  return secretsKnown(name, context).every(
    (secret) =>
      secret?.isApplied === true &&
      !secret.isGoing &&
      all.every((one) => isToGo(one, secret) || withdrawnIn(one, secret).length > 0),
  );
}

/** All of it, or an entry. */
function mayLose({ items }: SecretFacts, one: Situation): boolean {
  const standing = standingOf(one.namespace, one.config);
  if (standing !== 'in') return standing !== 'frozen';
  return items.some(({ profile }) => isDenied(profile, one));
}

/** A removal that the server has refused does not count before it is tried again. */
function mayBeStalled(name: string, { facts, known, issued }: WriteContext): boolean {
  const policies = facts.policies.during(known.atMs - STALLED_MS, known.atMs);
  if (policies.some((names) => names.has(name))) return true;
  const secrets = secretsKnown(name, { facts, known, issued });
  return secrets.some((secret) => secret?.isImmutable === true);
}

/** What can be said without the Secret. */
function mayBePending({ namespace, config }: Situation): boolean {
  const standing = standingOf(namespace, config);
  if (standing !== 'in') return standing !== 'frozen';
  return [...eligibilitiesIn({ namespace, config }, []).values()].includes('denied');
}
