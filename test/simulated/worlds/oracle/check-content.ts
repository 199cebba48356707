/**
 * What we write into a Secret: whole content with real, live tokens, never older ones, of profiles that may be used
 * there.
 */
import { isDeepStrictEqual } from 'node:util';
import { loginsOf } from '../model/config-model.ts';
import { mayBeHeldBack } from './check-removal.ts';
import { checkDropped } from './check-dropped.ts';
import {
  type EntryFacts,
  type EntryChanges,
  entriesIn,
  entryChanges,
  keyOf,
} from './entry-change.ts';
import { graceFloorMs } from './grace-floor.ts';
import type { Change } from '../history.ts';
import { type Situation, situations } from '../model/knowledge.ts';
import {
  type Eligibility,
  REQUESTED,
  eligibilitiesIn,
  isStalled,
  profileOf,
  standingOf,
} from '../model/policy.ts';
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import type { SecretFacts } from '../model/secret-facts.ts';
import type { IssuedToken } from '../network/simulated-ecr.ts';
import type { Report } from '../violation.ts';
import { DECISION_MS, MOMENT_MS, type SecretStates, type WriteContext } from './write-context.ts';

/**
 * A call to ECR takes at most this long: of two overlapping calls, nobody can say which one returned the older token.
 */
const MINT_MS = 10_000;
const REQUEST_MS = 60_000;

type Complain = (check: string, what: string) => void;

export function checkContent(
  change: Change,
  states: SecretStates,
  context: WriteContext,
): EntryChanges {
  const { key, object } = change;
  const complain: Complain = (check, what) =>
    context.report({ invariant: 'I2', check, what: `${key}: ${what}` });
  const all = situations(context.facts, object.metadata.namespace ?? '', context.known);
  const changes = entryChanges(states);
  const { fresh, carried } = changes;
  checkForm(states.after, complain);
  for (const entry of [...fresh, ...carried]) checkReal(entry, complain);
  for (const entry of fresh) {
    checkFresh(entry, context, complain);
    checkOrder(entry, states, context, complain);
  }
  checkLive([...fresh, ...carried], context, complain);
  checkStanding(change, all, context.report);
  const judged = { key, all, before: states.before };
  // The fence checked right before sending: what the process knew by then counts.
  const atFence = situations(context.facts, object.metadata.namespace ?? '', {
    ...context.known,
    ...context.known.atFence,
  });
  for (const entry of fresh) checkNewEntry(entry, { ...judged, all: atFence }, context.report);
  for (const entry of fresh) checkNeed(entry, judged, context);
  for (const entry of carried) checkCarriedEntry(entry, judged, context.report);
  checkDropped(change, states, changes, context);
  checkRequest(change, states, context, complain);
  return changes;
}

/** A token minted at most a minute before the request, or later, satisfies it; a satisfied request stays satisfied. */
function checkRequest(
  { object }: Change,
  { before, after }: SecretStates,
  { facts, known }: WriteContext,
  complain: Complain,
): void {
  const { requested } = after;
  if (before === undefined || requested === undefined || requested === before.requested) return;
  const namespace = object.metadata.namespace ?? '';
  const askedMs = facts
    .namespace(namespace)
    .sinceWhen((state) => state?.metadata.annotations?.[REQUESTED] === requested);
  if (askedMs === undefined || known.skewMs !== 0) return;
  const past = facts.secret(namespace).during(askedMs, known.atMs);
  if (past.some((secret) => secret?.metadata.annotations?.[REQUESTED] === requested)) return;
  const all = situations(facts, namespace, known);
  for (const { item, token } of entriesIn(after)) {
    // A profile that can't get a new token can't satisfy a request.
    const isEligible = all.every(
      (one) => eligibilitiesIn(one, before.items).get(item.profile) === 'eligible',
    );
    if (!isEligible || token === undefined) continue;
    // A token dated by a fast clock is as new as its record says: nobody can know more.
    const datedMs = Math.max(token.issuedMs, item.mintedMs - EPOCH_MS);
    if (datedMs >= askedMs - REQUEST_MS) continue;
    complain('new enough', `token ${token.number} is older than request ${requested}`);
  }
}

function checkForm(after: SecretFacts, complain: Complain): void {
  if (!after.isWellFormed) {
    complain('whole content', 'is not a dockerconfigjson of hosts with auth');
  }
  if (after.items.length === 0) complain('whole content', 'has no records');
  const described = new Set(after.items.flatMap(({ hosts }) => hosts));
  if (!isDeepStrictEqual([...described].sort(), [...after.tokens.keys()].sort())) {
    complain('whole content', 'has other hosts than its records');
  }
  if (after.items.some(({ hosts }) => !isDeepStrictEqual(hosts, [...hosts].sort()))) {
    complain('whole content', 'has records whose hosts are not sorted');
  }
  if (new Set(after.items.map(keyOf)).size < after.items.length) {
    complain('whole content', 'has two records of one profile and identity');
  }
  if (after.missingAnnotations.length === 0) return;
  complain('whole content', `lacks ${after.missingAnnotations.join()}`);
}

function checkReal({ item, token }: EntryFacts, complain: Complain): void {
  if (token !== undefined) return;
  complain('real tokens', `${item.profile} has a token that was never issued to its identity`);
}

/** A process with a wrong clock, or with a wrong expiry from AWS, can only go by that. */
function checkFresh({ item, token }: EntryFacts, { known }: WriteContext, complain: Complain) {
  if (token === undefined) return;
  const isDescribed =
    token.isHonest && known.skewMs === 0
      ? item.expiresMs === EPOCH_MS + token.expiresMs
      : Number.isFinite(item.expiresMs);
  if (!isDescribed) complain('true annotations', `wrong expiry of token ${token.number}`);
}

/**
 * Only a Secret that would otherwise have no live token may keep an expired one, including one that is expired by its
 * record: an expiry guessed with a wrong clock is all that anybody knows of it later. A token that expired between the
 * decision and now may already have counted as expired when the decision was made (DESIGN.md 2: an only entry is never
 * dropped).
 */
function checkLive(
  entries: readonly EntryFacts[],
  { known, hop }: WriteContext,
  complain: Complain,
): void {
  const isExpired = ({ item, token }: EntryFacts): boolean =>
    (token?.expiresMs ?? Infinity) <= known.atMs - DECISION_MS &&
    item.expiresMs <= hop.sentWallMs - DECISION_MS;
  const expired = entries.filter(isExpired);
  const isLiveStill = ({ item }: EntryFacts): boolean => item.expiresMs > hop.sentWallMs;
  if (expired.length === 0 || !entries.some(isLiveStill)) return;
  complain('no expired token', expired.map(({ item }) => item.profile).join());
}

/** What somebody else has changed proves nothing: only what we wrote is known without reading it. */
function checkOrder(
  { item, token }: EntryFacts,
  { before, after }: SecretStates,
  { known, hop }: WriteContext,
  complain: Complain,
): void {
  if (token === undefined || before === undefined || !before.isIntact) return;
  for (const { item: was, token: prior } of entriesIn(before)) {
    if (was.identity !== item.identity || prior === undefined) continue;
    // A token that is still there, for another profile, has not been replaced.
    const isKept = after.items.some(
      (one) => keyOf(one) === keyOf(was) && one.mintedMs === was.mintedMs,
    );
    if (isKept && keyOf(was) !== keyOf(item)) continue;
    if (was.expiresMs <= hop.sentWallMs + MOMENT_MS || prior.expiresMs <= known.atMs) continue;
    if (!areOfOneRecord(was, item)) checkNewer(token, prior, complain);
  }
}

/** Of two tokens minted in the same millisecond, with the same guessed expiry, nobody can say which one is there. */
function areOfOneRecord(one: EntryFacts['item'], other: EntryFacts['item']): boolean {
  return one.mintedMs === other.mintedMs && one.expiresMs === other.expiresMs;
}

/** Nobody knows how long a token with a guessed expiry lives: DESIGN.md 6 counts it as an hour. */
function checkNewer(token: IssuedToken, prior: IssuedToken, complain: Complain): void {
  if (prior.isHonest && token.issuedMs < prior.issuedMs - MINT_MS) {
    complain('never older', `token ${token.number} over the live token ${prior.number}`);
  }
  if (!token.isHonest && token.number !== prior.number) {
    complain('never doubtful', `doubtful token ${token.number} over the live ${prior.number}`);
  }
}

function checkStanding({ key, type }: Change, all: readonly Situation[], report: Report): void {
  const standings = new Set(all.map((one) => standingOf(one.namespace, one.config)));
  if (type === 'ADDED' && !standings.has('in')) {
    const what = `created ${key}, whose namespace was ${[...standings].join()} all the time`;
    report({ invariant: 'I5', check: 'only where opted in', what });
  }
  if (standings.size === 1 && standings.has('excluded')) {
    report({ invariant: 'I5', check: 'nothing for excluded namespaces', what: `wrote ${key}` });
  }
}

interface Judged {
  readonly key: string;
  readonly all: readonly Situation[];
  readonly before: SecretFacts | undefined;
}

/** A new token goes only to a namespace that may use its profile now. */
function checkNewEntry({ item, token }: EntryFacts, judged: Judged, report: Report): void {
  const { key, all, before } = judged;
  const { profile, hosts } = item;
  const eligible = all.filter(
    (one) => eligibilitiesIn(one, before?.items ?? []).get(profile) === 'eligible',
  );
  if (eligible.length === 0) {
    const what = `${key} got a token of ${profile}, which was ${eligibilitiesOf(profile, judged)}`;
    const isFrozen = all.some((one) => standingOf(one.namespace, one.config) === 'frozen');
    const isNew = before?.items.every((item) => item.profile !== profile) === true;
    const check = isFrozen && isNew ? 'nothing new for the frozen' : 'only what is allowed';
    return report({ invariant: 'I5', check, what });
  }
  const isAsConfigured = eligible.some(({ config }) => {
    const model = profileOf(profile, config);
    const logins = model === undefined ? [] : loginsOf(model);
    return logins.some(
      (login) => login.identity === token?.identity && isDeepStrictEqual(login.hosts, hosts),
    );
  });
  if (isAsConfigured) return;
  const what = `${key} got ${hosts.join()} of ${token?.identity ?? 'nobody'} for ${profile}`;
  report({ invariant: 'I5', check: 'hosts as configured', what });
}

/** Where the namespace is not opted in, only an entry that would end before its removal can come is renewed (DESIGN.md 2). */
function checkNeed({ item }: EntryFacts, judged: Judged, context: WriteContext): void {
  const { key, all, before } = judged;
  const { known, hop, report } = context;
  const [namespace = ''] = key.split('/');
  const prior = (before?.items ?? []).filter(({ profile }) => profile === item.profile);
  if (before?.isApplied !== true || prior.length === 0 || known.skewMs !== 0) return;
  if (!all.every((one) => standingOf(one.namespace, one.config) === 'out')) return;
  // Once it is due, the brake or a refusal may hold it back, nobody knows for how long.
  const isDue = graceFloorMs('', namespace, before, context) <= hop.sentWallMs + MOMENT_MS;
  if (isDue && mayBeHeldBack(namespace, context)) return;
  const longestMs = Math.max(...known.configs.map(({ graceMs }) => graceMs));
  const latestMs = hop.sentWallMs + longestMs + DECISION_MS;
  if (!prior.every(({ expiresMs }) => expiresMs > latestMs)) return;
  const what = `${key} got a token of ${item.profile}, but what it had outlives its grace period`;
  report({ invariant: 'I5', check: 'renews only what ends too soon', what });
}

/** A carried-over entry belongs to a profile that the namespace has, or had and has not lost for good. */
function checkCarriedEntry({ item }: EntryFacts, judged: Judged, report: Report): void {
  const { key, all, before } = judged;
  const { profile } = item;
  const isOf = (one: Situation): boolean => {
    const eligibility = eligibilitiesIn(one, before?.items ?? []).get(profile);
    return eligibility === 'eligible' || eligibility === 'denied' || isStalled(eligibility);
  };
  if (all.some(isOf)) return;
  const what = `${key} keeps ${profile}, which is ${eligibilitiesOf(profile, judged)}`;
  report({ invariant: 'I5', check: 'carries only what counts', what });
}

function eligibilitiesOf(profile: string, { all, before }: Judged): string {
  const listedProfiles = all.map((one): Eligibility | 'unwanted' => {
    return eligibilitiesIn(one, before?.items ?? []).get(profile) ?? 'unwanted';
  });
  return [...new Set(listedProfiles)].join();
}
