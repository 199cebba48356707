/** Which tokens will do for a write: never an older one than the Secret holds already. */
import { isFor } from './carried-records.ts';
import type { PullSecretRecord } from './observed.ts';
import type { GrantNeed } from './plan-model.ts';
import { dueAt, isFromFuture } from './refresh-policy.ts';
import type { Grant, Profile, RefreshSettings } from './settings.ts';
import { latest } from './times.ts';
import type { TokenRecord } from './token-record.ts';

interface Circumstances {
  readonly existing: PullSecretRecord | undefined;
  /** No token minted before this satisfies the request for a refresh. */
  readonly requestedSince: Date | undefined;
  readonly now: Date;
  /** The namespace's own, in [0, 1). */
  readonly jitter: number;
  readonly refresh: RefreshSettings;
}

export function needsOf(
  profiles: readonly Profile[],
  circumstances: Circumstances,
): readonly GrantNeed[] {
  const needs = profiles.flatMap(({ name, grants }) =>
    grants.map((grant) => needOf(name, grant, circumstances)),
  );
  // Where none is more pressing than another, all are.
  return needs.some(({ isUrgent }) => isUrgent)
    ? needs
    : needs.map((need) => ({ ...need, isUrgent: true }));
}

/** Our Apply entry vouches for data and records: only then is it known what the Secret holds, and what may be kept. */
export function trustedRecords(existing: PullSecretRecord | undefined): readonly TokenRecord[] {
  if (existing === undefined) return [];
  const { appliedByUs, dataOurs, tokensOurs, tokens = [] } = existing;
  return appliedByUs && dataOurs && tokensOurs ? tokens : [];
}

function needOf(profile: string, grant: Grant, circumstances: Circumstances): GrantNeed {
  const { existing, requestedSince, now, jitter, refresh } = circumstances;
  const trusted = trustedRecords(existing);
  const held = newestOf(grant, trusted);
  // A date from the future is of a clock that went back, and says nothing of which token is newer. Its expiry is AWS's.
  const isAhead = held !== undefined && held.mintedAt > now;
  const record = trusted.find((each) => isFor({ profile, grant }, each));
  const isRecordEnough =
    record !== undefined &&
    namesRegistries(record, grant) &&
    !isFromFuture(record, now) &&
    now < dueAt(record, jitter, refresh) &&
    (requestedSince === undefined || record.mintedAt >= requestedSince);
  return {
    profile,
    grant,
    jitter,
    refresh,
    notBefore: latest([isAhead ? undefined : held?.mintedAt, requestedSince]),
    notOutlivedBy: held?.expiresAt,
    holdsLiveToken: held !== undefined && held.expiresAt > now,
    record,
    isRecordEnough,
    isUrgent: !isRecordEnough,
  };
}

/** The answer's own registry is known when the answer is there. */
export function namesRegistries({ registries }: TokenRecord, { hosts }: Grant): boolean {
  if (hosts === 'own') return true;
  const named = new Set(registries);
  return named.size === hosts.length && hosts.every((host) => named.has(host));
}

/** Through whichever profile: a token belongs to its identity. */
function newestOf({ identity }: Grant, records: readonly TokenRecord[]): TokenRecord | undefined {
  const held = records.filter((record) => record.identity === identity.hash);
  return held.find(({ mintedAt }) => held.every((other) => other.mintedAt <= mintedAt));
}
