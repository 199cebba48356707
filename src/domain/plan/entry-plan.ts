/**
 * The table of entries: what becomes of each entry of the Secret, decided once, in one row each. A write computes from
 * these rows which tokens it needs, what it keeps and records, and whether it changes anything.
 */
import { type ListedProfile, nameOf } from '../eligibility/eligibility.ts';
import type { Profile, RegistryLogin } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import type { TokenRecord } from '../state/token-record.ts';
import { trustedRecords } from '../state/trusted-records.ts';
import { latest } from '../times.ts';
import { dueAt, isFromFuture } from '../token/refresh-policy.ts';
import type { TokenNeed } from '../token/token-need.ts';

export type EntryPlan = Renewal | Kept | KeptUntilRenewed | Dropped;

/** Gets a new token. Until there is one, the current entry stays. */
export interface Renewal {
  readonly verdict: 'renew';
  /** `alongside`: good as it is; gets a new token only in a write that has another reason. */
  readonly reason:
    'missing' | 'registriesChanged' | 'clockSetBack' | 'due' | 'requested' | 'alongside';
  readonly profile: string;
  readonly need: TokenNeed;
  /** The Secret's record of exactly this login. */
  readonly record: TokenRecord | undefined;
}

/** Stays as it is and gets no new token: its profile can't be used now, or the Secret is `leaving`. */
interface Kept {
  readonly verdict: 'keep';
  readonly reason: Exclude<ListedProfile['kind'], 'eligible'> | 'leaving';
  readonly profile: string;
  readonly record: TokenRecord;
}

/** Belongs to an identity that its profile no longer has: removed when the new identity gets its token. */
interface KeptUntilRenewed {
  readonly verdict: 'keepUntilRenewed';
  readonly reason: 'identityChanged';
  readonly profile: string;
  readonly record: TokenRecord;
}

/** Removed without a replacement. */
interface Dropped {
  readonly verdict: 'drop';
  /** `withdrawn`: the namespace may no longer use the profile, and the grace period is over. `unlisted`: not on its list. */
  readonly reason: 'withdrawn' | 'unlisted';
  readonly profile: string;
  /** `undefined`: it is unknown what the Secret holds of this profile. */
  readonly record: TokenRecord | undefined;
}

export interface Circumstances {
  readonly existing: CachedPullSecret | undefined;
  readonly listedProfiles: readonly ListedProfile[];
  /** The profiles whose entries are removed now because the namespace may no longer use them. */
  readonly withdrawn: readonly string[];
  /**
   * When the whole Secret is to be removed, because its namespace is not opted in: only an entry that would end before
   * gets a new token. `undefined`: it stays, or nobody knows for how long.
   */
  readonly leavesAt: Date | undefined;
  /** A token minted before this does not satisfy the refresh request. */
  readonly requestedSince: Date | undefined;
  readonly now: Date;
  /** The namespace's own, in [0, 1). */
  readonly jitter: TokenNeed['jitter'];
  readonly refresh: TokenNeed['refresh'];
}

/** The table: first the renewals, in the order of the profiles, then everything else that the Secret holds. */
export function planEntries(circumstances: Circumstances): readonly EntryPlan[] {
  const { existing, listedProfiles, withdrawn } = circumstances;
  const records = trustedRecords(existing);
  const renewals = listedProfiles
    .flatMap((listed) =>
      listed.kind === 'eligible'
        ? listed.profile.logins.map((login) => renewalOf(listed.profile.name, login, circumstances))
        : [],
    )
    .filter((row) => isNeeded(row, records, circumstances));
  const others = records
    .filter((record) => !renewals.some(({ need }) => isFor(need, record)))
    .map((record) => fateOf(record, renewals, circumstances));
  const unknown = withdrawn
    .filter((name) => records.every(({ profile }) => profile !== name))
    .map((profile): Dropped => {
      return { verdict: 'drop', reason: 'withdrawn', profile, record: undefined };
    });
  return [...renewals, ...others, ...unknown];
}

/** Until the Secret leaves, only what would end before is renewed, be it by another identity of its profile. */
function isNeeded(
  { profile, record }: Renewal,
  records: readonly TokenRecord[],
  { leavesAt }: Circumstances,
): boolean {
  if (leavesAt === undefined) return true;
  const replaced = records.filter((each) => each.profile === profile);
  return (record === undefined ? replaced : [record]).some(
    ({ expiresAt }) => expiresAt <= leavesAt,
  );
}

/** The row of a record that no renewal replaces. */
function fateOf(
  record: TokenRecord,
  renewals: readonly Renewal[],
  { listedProfiles, withdrawn, leavesAt }: Circumstances,
): Kept | KeptUntilRenewed | Dropped {
  const { profile } = record;
  const listed = listedProfiles.find((each) => nameOf(each) === profile);
  if (listed?.kind === 'eligible') {
    return isLeaving(record, listed.profile, renewals, leavesAt)
      ? { verdict: 'keep', reason: 'leaving', profile, record }
      : { verdict: 'keepUntilRenewed', reason: 'identityChanged', profile, record };
  }
  if (withdrawn.includes(profile)) return { verdict: 'drop', reason: 'withdrawn', profile, record };
  return listed === undefined
    ? { verdict: 'drop', reason: 'unlisted', profile, record }
    : { verdict: 'keep', reason: listed.kind, profile, record };
}

/** Whether it needs no token any more: its login lives long enough, or no identity of its profile gets a new token. */
function isLeaving(
  record: TokenRecord,
  { name, logins }: Profile,
  renewals: readonly Renewal[],
  leavesAt: Date | undefined,
): boolean {
  if (leavesAt === undefined) return false;
  const isCurrent = logins.some((login) => isFor({ profile: name, login }, record));
  return isCurrent || !renewals.some((row) => row.profile === name && row.record === undefined);
}

export function isRenewal(row: EntryPlan): row is Renewal {
  return row.verdict === 'renew';
}

/** Whether the record is of this login, whatever registries it names. */
export function isFor(
  { profile, login }: Pick<TokenNeed, 'profile' | 'login'>,
  record: TokenRecord,
): boolean {
  return record.profile === profile && record.identity === login.identity.hash;
}

/** The profiles whose entries are dropped because the namespace may no longer use them, which counts as a removal. */
export function withdrawnIn(entries: readonly EntryPlan[]): readonly string[] {
  const dropped = entries.filter(
    ({ verdict, reason }) => verdict === 'drop' && reason === 'withdrawn',
  );
  return [...new Set(dropped.map(({ profile }) => profile))];
}

function renewalOf(profile: string, login: RegistryLogin, circumstances: Circumstances): Renewal {
  const { existing, now, jitter, refresh, requestedSince } = circumstances;
  const trusted = trustedRecords(existing);
  // Of any profile: a token belongs to its identity. By the clocks of two leaders, the token minted last may not be the one
  // that expires last; expiries are by AWS's clock.
  const ofIdentity = trusted.filter(({ identity }) => identity === login.identity.hash);
  const mintedAt = latest(ofIdentity.map((each) => each.mintedAt));
  const expiresAt = latest(ofIdentity.map((each) => each.expiresAt));
  // A date in the future comes from a clock that was since set back, and does not show which token is newer.
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

/** With `own`, the host is known only when AWS has answered. */
function namesRegistries({ registries }: TokenRecord, { hosts }: RegistryLogin): boolean {
  if (hosts === 'own') return true;
  const named = new Set(registries);
  return named.size === hosts.length && hosts.every((host) => named.has(host));
}
