/** Which tokens will do for a write: never an older one than the Secret holds already. */
import { isFor } from './carried-records.ts';
import type { PullSecretRecord } from '../state/observed.ts';
import type { GrantNeed } from './plan-model.ts';
import { dueAt, isFromFuture } from '../token/refresh-policy.ts';
import type { Grant, Profile, RefreshSettings } from '../settings.ts';
import { latest } from '../times.ts';
import type { TokenRecord } from '../state/token-record.ts';

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
  // Through whichever profile: a token belongs to its identity. By the clocks of two leaders the one that was minted last
  // may not be the one that expires last, which AWS's clock says.
  const held = trusted.filter(({ identity }) => identity === grant.identity.hash);
  const mintedAt = latest(held.map((each) => each.mintedAt));
  const expiresAt = latest(held.map((each) => each.expiresAt));
  // A date from the future is of a clock that went back, and says nothing of which token is newer.
  const isAhead = mintedAt !== undefined && mintedAt > now;
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
    notBefore: latest([isAhead ? undefined : mintedAt, requestedSince]),
    notOutlivedBy: expiresAt,
    holdsLiveToken: expiresAt !== undefined && expiresAt > now,
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
