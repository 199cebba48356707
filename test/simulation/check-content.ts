/** What we write into a Secret: whole, real, live tokens, never an older one, of profiles that may be used there. */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from './history.ts';
import { type Situation, situations } from './knowledge.ts';
import { REQUESTED, accessOf, profileOf, standingOf } from './policy.ts';
import { EPOCH_MS } from './process-clock.ts';
import type { SecretFacts } from './secret-facts.ts';
import type { IssuedToken } from './simulated-ecr.ts';
import type { Report } from './violation.ts';
import { DECISION_MS, MOMENT_MS, type SecretStates, type WriteContext } from './write-context.ts';

/** A call to ECR takes at most this long: which of two that overlap gave the older token, nobody can say. */
const MINT_MS = 10_000;
const REQUEST_MS = 60_000;

type Complain = (check: string, what: string) => void;

export function checkContent(change: Change, states: SecretStates, context: WriteContext): void {
  const { key } = change;
  const { after } = states;
  const complain: Complain = (check, what) =>
    context.report({ invariant: 'I2', check, what: `${key}: ${what}` });
  checkForm(after, complain);
  for (const [host, token] of after.tokens) {
    if (token === undefined) {
      complain('real tokens', `what stands for ${host} was never issued`);
      continue;
    }
    checkToken(token, after, context, complain);
    checkOrder(token, states, context, complain);
  }
  checkRight(change, after, context);
  checkRequest(change, states, context, complain);
}

/** A request is satisfied by a token of the minute before it, or a later one; once satisfied, it is for ever. */
function checkRequest(
  { object }: Change,
  { before, after }: SecretStates,
  { facts, known }: WriteContext,
  complain: Complain,
): void {
  const { requested } = after;
  if (before === undefined || requested === undefined || requested === before.requested) return;
  const askedMs = facts
    .namespace(object.metadata.namespace ?? '')
    .sinceWhen((namespace) => namespace?.metadata.annotations?.[REQUESTED] === requested);
  if (askedMs === undefined || known.skewMs !== 0) return;
  const past = facts.secret(object.metadata.namespace ?? '').during(askedMs, known.atMs);
  if (past.some((secret) => secret?.metadata.annotations?.[REQUESTED] === requested)) return;
  for (const token of after.tokens.values()) {
    if (token === undefined || token.issuedMs >= askedMs - REQUEST_MS) continue;
    complain('new enough', `token ${token.number} is older than request ${requested}`);
  }
}

function checkForm(after: SecretFacts, complain: Complain): void {
  if (!after.isWellFormed) complain('whole content', 'is no dockerconfigjson of hosts with auth');
  if (after.items.length === 0) complain('whole content', 'describes no token');
  if (after.missingAnnotations.length === 0) return;
  complain('whole content', `lacks ${after.missingAnnotations.join()}`);
}

/** Who has a wrong clock, or was told a wrong expiry, can't do better than go by it. */
function checkToken(
  token: IssuedToken,
  { items }: SecretFacts,
  { known, hop }: WriteContext,
  complain: Complain,
): void {
  const isTimeRight = known.skewMs === 0;
  const isDescribed = items.some(({ expiresMs }) =>
    token.isHonest && isTimeRight
      ? expiresMs === EPOCH_MS + token.expiresMs
      : Number.isFinite(expiresMs),
  );
  if (!isDescribed) complain('true annotations', `no item has the expiry of token ${token.number}`);
  const isExpired =
    token.expiresMs <= known.atMs - DECISION_MS &&
    (isTimeRight || items.every(({ expiresMs }) => expiresMs <= hop.sentWallMs - DECISION_MS));
  if (isExpired) complain('no expired token', `token ${token.number}`);
}

/** What somebody else has changed says nothing: only what we wrote is known without reading it. */
function checkOrder(
  token: IssuedToken,
  { before }: SecretStates,
  { known, hop }: WriteContext,
  complain: Complain,
): void {
  if (before === undefined || !before.isIntact) return;
  const isBelievedLive = before.items.some(
    ({ expiresMs }) => expiresMs > hop.sentWallMs + MOMENT_MS,
  );
  for (const prior of before.tokens.values()) {
    if (prior === undefined || prior.region !== token.region) continue;
    if (!isBelievedLive || prior.expiresMs <= known.atMs) continue;
    // Of one whose expiry is our guess nobody knows how long it lives: DESIGN.md 6 counts it as an hour.
    if (prior.isHonest && token.issuedMs < prior.issuedMs - MINT_MS) {
      complain('never older', `token ${token.number} over the live token ${prior.number}`);
    }
    if (!token.isHonest && token.number !== prior.number) {
      complain('never doubtful', `doubtful token ${token.number} over the live ${prior.number}`);
    }
  }
}

function checkRight(
  { object, key, type }: Change,
  after: SecretFacts,
  context: WriteContext,
): void {
  const { facts, known, report } = context;
  const all = situations(facts, object.metadata.namespace ?? '', known);
  const standings = new Set(all.map((one) => standingOf(one.namespace, one.config)));
  if (type === 'ADDED' && !standings.has('in')) {
    const what = `made ${key}, which was ${[...standings].join()} all the time`;
    report({ invariant: 'I5', check: 'only where opted in', what });
  }
  if (standings.size === 1 && standings.has('excluded')) {
    report({ invariant: 'I5', check: 'nothing for the excluded', what: `wrote ${key}` });
  }
  for (const { profile } of after.items) checkProfile(key, profile, { after, all }, report);
}

function checkProfile(
  key: string,
  profile: string,
  { after, all }: { readonly after: SecretFacts; readonly all: readonly Situation[] },
  report: Report,
): void {
  const granted = all.filter(
    ({ namespace, config }) => accessOf(profile, namespace, config) === 'granted',
  );
  if (granted.length === 0) {
    const what = `${key} got profile ${profile}, which it may not use`;
    return report({ invariant: 'I5', check: 'only what is allowed', what });
  }
  const hosts = [...after.tokens.keys()].sort();
  const isAsConfigured = granted.some(({ config }) => {
    const model = profileOf(profile, config);
    const isOfRegion = [...after.tokens.values()].every((token) => token?.region === model?.region);
    return isOfRegion && isDeepStrictEqual(hosts, [...(model?.hosts ?? [])].sort());
  });
  if (isAsConfigured) return;
  const what = `${key} got ${hosts.join()} for profile ${profile}`;
  report({ invariant: 'I5', check: 'hosts as configured', what });
}
