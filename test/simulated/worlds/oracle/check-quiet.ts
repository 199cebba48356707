/** What may still be written when nothing happens any more: what becomes due, and what follows from that. */
import { isDeepStrictEqual } from 'node:util';
import type { Facts } from '../model/facts.ts';
import type { Change } from '../history.ts';
import type { HopRequest } from '../network/hop-request.ts';
import { eligibilitiesIn, withdrawnIn } from '../model/policy.ts';
import { type SecretFacts, oursIn, readSecret } from '../model/secret-facts.ts';
import type { IssuedTokens } from '../network/simulated-ecr.ts';

interface QuietParts {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  /** When the quiet time started, the brake was holding removals back. */
  readonly wasBraked: boolean;
}

export function mayChangeInQuiet(change: Change, hop: HopRequest, parts: QuietParts): boolean {
  if (parts.wasBraked && isRemoval(change, parts)) return true;
  const { resource, type, previous, object } = change;
  if (resource !== 'secrets' || type !== 'MODIFIED' || previous === undefined) return false;
  const before = readSecret(previous, parts.issued);
  const after = readSecret(object, parts.issued);
  return isRotationDue(before, nameOf(change), hop, parts) || onlyClearsSpentTimes(before, after);
}

/**
 * Nothing is removed "while pending exceeds" the limit (DESIGN 2): a rotation that leaves out expired entries can end
 * that. Whether it has, and whether this removal is allowed, is for `checkDeletion`, `checkDropped` and
 * `checkAccountChange` to judge.
 */
function isRemoval(change: Change, { facts, issued }: QuietParts): boolean {
  const { resource, type, previous, object } = change;
  // A Secret that somebody's finalizer holds is only marked as being deleted.
  const isGoing = type === 'DELETED' || object.metadata.deletionTimestamp !== undefined;
  if (resource === 'secrets' && isGoing) return true;
  if (type !== 'MODIFIED' || previous === undefined) return false;
  if (resource === 'serviceaccounts') return oursIn(previous) > 0 && oursIn(object) === 0;
  const namespace = facts.namespace(nameOf(change)).now;
  if (resource !== 'secrets' || namespace === undefined) return false;
  const rules = { namespace, config: facts.configs.now };
  const stay = withdrawnIn(rules, readSecret(object, issued));
  return withdrawnIn(rules, readSecret(previous, issued)).length > stay.length;
}

/** The only write that needs no cause. */
function isRotationDue(
  { items }: SecretFacts,
  name: string,
  hop: HopRequest,
  { facts }: QuietParts,
): boolean {
  const config = facts.configs.now;
  const namespace = facts.namespace(name).now;
  if (namespace === undefined) return false;
  const listedProfiles = eligibilitiesIn({ namespace, config }, items);
  return items.some(({ profile, mintedMs, expiresMs }) => {
    if (listedProfiles.get(profile) !== 'eligible') return false;
    const dueMs = mintedMs + (expiresMs - mintedMs) * config.atLifetimeFraction;
    return hop.sentWallMs >= dueMs - 1_000;
  });
}

/**
 * While the brake is on, a withdrawn entry stays "while it lives" (ADR 17): the rotation after its expiry leaves it
 * out. Its removal time is cleared after that, since `removal-due-at` stands "only while a removal is pending"
 * (docs/reference/secret.md) and "is never part of an apply: merge patch sets it and clears it" (DESIGN 5).
 */
function onlyClearsSpentTimes(before: SecretFacts, after: SecretFacts): boolean {
  const holds = ({ items }: SecretFacts, profile: string): boolean =>
    items.some((item) => item.profile === profile);
  const left = [...before.dueAt].filter(([profile]) => holds(before, profile));
  return (
    before.dueAt.size > left.length &&
    !before.dueAt.has('') &&
    isDeepStrictEqual({ ...before, ...timesOf(after) }, after) &&
    isDeepStrictEqual(after.dueAt, new Map(left))
  );
}

function timesOf({ dueAt, dueAtMs }: SecretFacts): Pick<SecretFacts, 'dueAt' | 'dueAtMs'> {
  return { dueAt, dueAtMs };
}

function nameOf({ object }: Change): string {
  return object.metadata.namespace ?? '';
}
