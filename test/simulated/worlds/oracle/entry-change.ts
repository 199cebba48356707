/**
 * What one of our writes does with each entry of a Secret: which are new in it, which are carried over, which are
 * dropped.
 */
import { type SecretFacts, type TokenItem, tokenOf } from '../model/secret-facts.ts';
import type { IssuedToken } from '../network/simulated-ecr.ts';
import { MOMENT_MS, type SecretStates } from './write-context.ts';

/** With its token; `undefined` if the token there does not belong to it. */
export interface EntryFacts {
  readonly item: TokenItem;
  readonly token: IssuedToken | undefined;
}

export interface EntryChanges {
  readonly fresh: readonly EntryFacts[];
  readonly carried: readonly EntryFacts[];
  /** Real entries that we wrote and that nothing replaces. */
  readonly dropped: readonly EntryFacts[];
}

export function entriesIn(secret: SecretFacts): readonly EntryFacts[] {
  return secret.items.map((item) => ({ item, token: tokenOf(item, secret) }));
}

export function entryChanges({ before, after }: SecretStates): EntryChanges {
  const earlier = before === undefined ? [] : entriesIn(before);
  const has = entriesIn(after);
  const isCarried = (entry: EntryFacts): boolean =>
    earlier.some((prior) => isSame(prior, entry, after, before?.isIntact === true));
  // What others have changed can't be carried over: a process that has not read it does not know its content.
  const known = before?.isIntact === true ? earlier : [];
  return {
    fresh: has.filter((entry) => !isCarried(entry)),
    carried: has.filter(isCarried),
    dropped: known.filter(
      ({ item, token }) =>
        token !== undefined &&
        !after.items.some((one) => keyOf(one) === keyOf(item)) &&
        !isCovered(item.hosts, after),
    ),
  };
}

/** Identical, except for hosts that another entry has taken over. */
function isSame(
  prior: EntryFacts,
  { item, token }: EntryFacts,
  after: SecretFacts,
  isIntact: boolean,
): boolean {
  const { mintedMs, expiresMs, hosts } = prior.item;
  const lost = hosts.filter((host) => !item.hosts.includes(host));
  return (
    keyOf(prior.item) === keyOf(item) &&
    mintedMs === item.mintedMs &&
    expiresMs === item.expiresMs &&
    item.hosts.every((host) => hosts.includes(host)) &&
    isCovered(lost, after) &&
    (!isIntact || isOverlaid(item, after) || isAlike(prior.token, token))
  );
}

/** Two processes that mint in the same millisecond describe their tokens alike, and neither token is older. */
function isAlike(one: IssuedToken | undefined, other: IssuedToken | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.hash === other.hash && Math.abs(one.issuedMs - other.issuedMs) <= MOMENT_MS;
}

/** Others have all its hosts: its own token is nowhere in the Secret. */
function isOverlaid(item: TokenItem, { items }: SecretFacts): boolean {
  const others = items.filter((other) => other !== item);
  return item.hosts.every((host) => others.some(({ hosts }) => hosts.includes(host)));
}

function isCovered(hosts: readonly string[], { tokens }: SecretFacts): boolean {
  return hosts.every((host) => tokens.has(host));
}

/** One entry per profile and identity. */
export function keyOf({ profile, identity }: TokenItem): string {
  return `${profile} ${identity}`;
}
