/** Whether the Secret must be written now, why, and which tokens will do. */
import type { NamespaceRequest } from './annotations.ts';
import { configHash } from './hashes.ts';
import type { PullSecretRecord } from './observed.ts';
import type {
  AnnotateSecretStep,
  GrantNeed,
  Plan,
  PlanInput,
  Step,
  WriteSecretStep,
} from './plan-model.ts';
import { dueAt, isFromFuture, jitterOf } from './refresh-policy.ts';
import type { Grant, Profile } from './settings.ts';
import { after, earliest, latest } from './times.ts';
import type { TokenRecord } from './token-record.ts';

/** A token may be this much older than the request that it satisfies: one mint serves a request on every namespace. */
const REQUEST_TOLERANCE_MS = 60_000;

type WriteReason = WriteSecretStep['reason'];

/** A Pod may be waiting for these. */
const REPAIRS: readonly WriteReason[] = ['missing', 'restored', 'tampered'];

/** `profiles` are those that the namespace may use; with none of them nothing can be written. */
export function planSecretWrite(
  input: PlanInput,
  profiles: readonly Profile[],
  request: NamespaceRequest | undefined,
): Plan {
  const existing = input.observed.pullSecret;
  if (profiles.length === 0) return plan([]);
  const repair = input.bookkeepingAllowed ? planRepair(existing) : undefined;
  if (repair !== undefined) return repair;

  const wanted = request?.refreshRequestedAt ?? existing?.refreshRequestedAt;
  const isRequested = wanted !== undefined && wanted !== existing?.refreshRequestedAt;
  const nextDueAt = dueAtOf(existing, input);
  const reason = writeReason(existing, { profiles, isRequested, nextDueAt, now: input.now });
  if (reason === undefined) return plan([], nextDueAt);

  const openSince = isRequested ? input.refreshRequestSeenAt : undefined;
  const { refreshRequestedAt, requestedSince } = satisfying(reason, wanted, openSince, existing);
  const grants = profiles.flatMap(({ name, grants: ofProfile }) =>
    ofProfile.map((grant) => needOf({ profile: name, grant }, existing, requestedSince, input.now)),
  );
  return plan([{ kind: 'writeSecret', reason, profiles, grants, refreshRequestedAt, existing }]);
}

/** Where nothing works now, any live token is better than waiting for one that satisfies an open request. */
function satisfying(
  reason: WriteReason,
  wanted: string | undefined,
  openSince: Date | undefined,
  existing: PullSecretRecord | undefined,
): { readonly refreshRequestedAt: string | undefined; readonly requestedSince: Date | undefined } {
  if (openSince === undefined) return { refreshRequestedAt: wanted, requestedSince: undefined };
  return REPAIRS.includes(reason)
    ? { refreshRequestedAt: existing?.refreshRequestedAt, requestedSince: undefined }
    : { refreshRequestedAt: wanted, requestedSince: after(openSince, -REQUEST_TOLERANCE_MS) };
}

/** The most telling reason first. */
function writeReason(
  existing: PullSecretRecord | undefined,
  about: {
    readonly profiles: readonly Profile[];
    readonly isRequested: boolean;
    readonly nextDueAt: Date | undefined;
    readonly now: Date;
  },
): WriteReason | undefined {
  if (existing === undefined) return 'missing';
  if (!existing.appliedByUs) return 'restored';
  if (existing.tamperedWith.length > 0 || existing.tokens === undefined) return 'tampered';
  if (existing.configHash !== configHashOf(about.profiles)) return 'profilesChanged';
  if (!holdsAll(existing.tokens, about.profiles)) return 'profilesChanged';
  if (about.isRequested) return 'refreshRequested';
  return about.nextDueAt !== undefined && about.nextDueAt <= about.now ? 'due' : undefined;
}

export function configHashOf(profiles: readonly Profile[]): string {
  return configHash(Object.fromEntries(profiles.map(({ name, asWritten }) => [name, asWritten])));
}

/** Identities can change without a change of the file: the implied profile follows the process's region. */
function holdsAll(tokens: readonly TokenRecord[], profiles: readonly Profile[]): boolean {
  const held = new Set(tokens.map(({ profile, identity }) => `${profile}/${identity}`));
  const wanted = profiles.flatMap(({ name, grants }) =>
    grants.map(({ identity }) => `${name}/${identity.hash}`),
  );
  return held.size === wanted.length && wanted.every((entry) => held.has(entry));
}

function dueAtOf(
  existing: PullSecretRecord | undefined,
  { observed, settings, now }: PlanInput,
): Date | undefined {
  const jitter = jitterOf(observed.uid);
  const tokens = existing?.tokens ?? [];
  return earliest(
    tokens.map((token) =>
      isFromFuture(token, now) ? now : dueAt(token, jitter, settings.refresh),
    ),
  );
}

function needOf(
  wanted: Pick<GrantNeed, 'profile' | 'grant'>,
  existing: PullSecretRecord | undefined,
  requestedSince: Date | undefined,
  now: Date,
): GrantNeed {
  const held = heldToken(wanted.grant, existing);
  // A date from the future is of a clock that went back, and says nothing of which token is newer. Its expiry is AWS's.
  const isAhead = held !== undefined && held.mintedAt > now;
  return {
    ...wanted,
    notBefore: latest([isAhead ? undefined : held?.mintedAt, requestedSince]),
    notOutlivedBy: held?.expiresAt,
    outlives: isAhead ? held.expiresAt : undefined,
    holdsLiveToken: held !== undefined && held.expiresAt > now,
  };
}

/**
 * What the Secret really holds of this identity, through whichever profile: nothing, where somebody else has touched the
 * data or its record.
 */
function heldToken(
  { identity }: Grant,
  existing: PullSecretRecord | undefined,
): TokenRecord | undefined {
  if (existing === undefined || !existing.dataOurs || !existing.tokensOurs) return undefined;
  const held = (existing.tokens ?? []).filter((token) => token.identity === identity.hash);
  return held.find(({ mintedAt }) => held.every((other) => other.mintedAt <= mintedAt));
}

/** What needs no token is mended without one, whether AWS answers or not. */
function planRepair(existing: PullSecretRecord | undefined): Plan | undefined {
  if (existing?.appliedByUs !== true) return undefined;
  if (!existing.labelsWhole) return annotate(existing, 'labelsStripped');
  return existing.foreignDataKeys.length > 0 ? annotate(existing, 'dataAdded') : undefined;
}

function annotate(existing: PullSecretRecord, reason: AnnotateSecretStep['reason']): Plan {
  return plan([{ kind: 'annotateSecret', reason, existing, removalDueAt: undefined }]);
}

function plan(steps: readonly Step[], recheckAt?: Date): Plan {
  return { steps, conditions: [], recheckAt };
}
