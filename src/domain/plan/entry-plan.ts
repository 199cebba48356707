/**
 * What becomes of each entry of the Secret: one row for each, decided once. What a write asks for, keeps, says and is
 * compared by is folded from these rows.
 */
import { type ListedProfile, nameOf } from '../eligibility/eligibility.ts';
import type { RegistryLogin } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import type { TokenRecord } from '../state/token-record.ts';
import { latest } from '../times.ts';
import { dueAt, isFromFuture } from '../token/refresh-policy.ts';
import type { TokenNeed } from '../token/token-need.ts';

export type EntryPlan = Renewal | Kept | KeptUntilRenewed | Dropped;

/** Gets a new token. Until there is one, the current entry stays. */
export interface Renewal {
  readonly verdict: 'renew';
  /** `alongside`: it is good as it is, and gets a new token where another row of the table gets one. */
  readonly reason:
    'missing' | 'registriesChanged' | 'clockSetBack' | 'due' | 'requested' | 'alongside';
  readonly profile: string;
  readonly need: TokenNeed;
  /** What the Secret holds of this very login. */
  readonly record: TokenRecord | undefined;
}

/** Stays as it is and gets no new token: its profile can't be used now. */
interface Kept {
  readonly verdict: 'keep';
  readonly reason: Exclude<ListedProfile['kind'], 'eligible'>;
  readonly profile: string;
  readonly record: TokenRecord;
}

/** Of an identity that its profile no longer has: goes when the new one gets its token. */
interface KeptUntilRenewed {
  readonly verdict: 'keepUntilRenewed';
  readonly reason: 'identityChanged';
  readonly profile: string;
  readonly record: TokenRecord;
}

/** Goes without a token coming in its place. */
interface Dropped {
  readonly verdict: 'drop';
  /** `withdrawn`: the namespace may not use the profile any more, and its grace is over. `unlisted`: it is not asked for. */
  readonly reason: 'withdrawn' | 'unlisted';
  readonly profile: string;
  /** `undefined`: nobody knows what the Secret holds of it. */
  readonly record: TokenRecord | undefined;
}

export interface Circumstances {
  readonly existing: CachedPullSecret | undefined;
  readonly listedProfiles: readonly ListedProfile[];
  /** Profiles whose entries go now because the namespace may not use them any more. */
  readonly withdrawn: readonly string[];
  /** No token minted before this satisfies the request for a refresh. */
  readonly requestedSince: Date | undefined;
  readonly now: Date;
  /** The namespace's own, in [0, 1). */
  readonly jitter: TokenNeed['jitter'];
  readonly refresh: TokenNeed['refresh'];
}

/** The table: first what is renewed, in the order of the profiles, then what the Secret holds besides. */
export function planEntries(circumstances: Circumstances): readonly EntryPlan[] {
  const { existing, listedProfiles, withdrawn } = circumstances;
  const records = trustedRecords(existing);
  const renewals = listedProfiles.flatMap((access) =>
    access.kind === 'eligible'
      ? access.profile.logins.map((login) => renewalOf(access.profile.name, login, circumstances))
      : [],
  );
  const others = records
    .filter((record) => !renewals.some(({ need }) => isFor(need, record)))
    .map((record) => fateOf(record, circumstances));
  const unknown = withdrawn
    .filter((name) => records.every(({ profile }) => profile !== name))
    .map((profile): Dropped => {
      return { verdict: 'drop', reason: 'withdrawn', profile, record: undefined };
    });
  return [...renewals, ...others, ...unknown];
}

/** Of what is not renewed. */
function fateOf(
  record: TokenRecord,
  { listedProfiles, withdrawn }: Circumstances,
): Kept | KeptUntilRenewed | Dropped {
  const { profile } = record;
  const access = listedProfiles.find((each) => nameOf(each) === profile);
  if (access?.kind === 'eligible') {
    return { verdict: 'keepUntilRenewed', reason: 'identityChanged', profile, record };
  }
  if (withdrawn.includes(profile)) return { verdict: 'drop', reason: 'withdrawn', profile, record };
  return access === undefined
    ? { verdict: 'drop', reason: 'unlisted', profile, record }
    : { verdict: 'keep', reason: access.kind, profile, record };
}

/** Our Apply entry vouches for data and records: only then is it known what the Secret holds, and what may be kept. */
export function trustedRecords(existing: CachedPullSecret | undefined): readonly TokenRecord[] {
  if (existing === undefined) return [];
  const { appliedByUs, dataOurs, tokensOurs, tokens = [] } = existing;
  return appliedByUs && dataOurs && tokensOurs ? tokens : [];
}

export function isRenewal(row: EntryPlan): row is Renewal {
  return row.verdict === 'renew';
}

/** Whether this is the entry of this login, whatever registries it names. */
export function isFor(
  { profile, login }: Pick<TokenNeed, 'profile' | 'login'>,
  record: TokenRecord,
): boolean {
  return record.profile === profile && record.identity === login.identity.hash;
}

/** The profiles whose entries go because the namespace may not use them any more: a removal. */
export function withdrawnIn(entries: readonly EntryPlan[]): readonly string[] {
  const going = entries.filter(
    ({ verdict, reason }) => verdict === 'drop' && reason === 'withdrawn',
  );
  return [...new Set(going.map(({ profile }) => profile))];
}

function renewalOf(profile: string, login: RegistryLogin, circumstances: Circumstances): Renewal {
  const { existing, now, jitter, refresh, requestedSince } = circumstances;
  const trusted = trustedRecords(existing);
  // Through whichever profile: a token belongs to its identity. By the clocks of two leaders the one that was minted last
  // may not be the one that expires last, which AWS's clock says.
  const held = trusted.filter(({ identity }) => identity === login.identity.hash);
  const mintedAt = latest(held.map((each) => each.mintedAt));
  const expiresAt = latest(held.map((each) => each.expiresAt));
  // A date from the future is of a clock that went back, and says nothing of which token is newer.
  const isAhead = mintedAt !== undefined && mintedAt > now;
  const record = trusted.find((each) => isFor({ profile, login }, each));
  const need: TokenNeed = {
    profile,
    login,
    jitter,
    refresh,
    notBefore: latest([isAhead ? undefined : mintedAt, requestedSince]),
    notOutlivedBy: expiresAt,
    holdsLiveToken: expiresAt !== undefined && expiresAt > now,
  };
  return {
    verdict: 'renew',
    reason: reasonFor(record, need, circumstances),
    profile,
    need,
    record,
  };
}

function reasonFor(
  record: TokenRecord | undefined,
  { login, jitter, refresh }: TokenNeed,
  { now, requestedSince }: Circumstances,
): Renewal['reason'] {
  if (record === undefined) return 'missing';
  if (!namesRegistries(record, login)) return 'registriesChanged';
  if (isFromFuture(record, now)) return 'clockSetBack';
  if (now >= dueAt(record, jitter, refresh)) return 'due';
  return requestedSince !== undefined && record.mintedAt < requestedSince
    ? 'requested'
    : 'alongside';
}

/** The answer's own registry is known when the answer is there. */
function namesRegistries({ registries }: TokenRecord, { hosts }: RegistryLogin): boolean {
  if (hosts === 'own') return true;
  const named = new Set(registries);
  return named.size === hosts.length && hosts.every((host) => named.has(host));
}
