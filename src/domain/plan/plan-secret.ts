/** Whether the Secret must be written now, and with what. */
import { isFor } from './carried-records.ts';
import { needsOf, trustedRecords } from './grant-needs.ts';
import type { PullSecretRecord } from '../state/observed.ts';
import type { AnnotateSecretStep, Plan, PlanInput, WriteSecretStep } from './plan-model.ts';
import { dueAt, isFromFuture, jitterOf } from '../token/refresh-policy.ts';
import type { Profile } from '../settings.ts';
import { after, earliest } from '../times.ts';
import {
  type WriteReason,
  holdsUnwanted,
  isRepair,
  replacedRecords,
  writeReason,
} from './write-reason.ts';

/** A token may be this much older than the request that it satisfies: one mint serves a request on every namespace. */
const REQUEST_TOLERANCE_MS = 60_000;

/** What is to be in the Secret. */
export interface Wish {
  /** Those that the namespace may use: each gets its tokens. */
  readonly profiles: readonly Profile[];
  /** Profiles that can't be used now: what the Secret holds of them stays. What it holds of all others goes. */
  readonly kept: ReadonlySet<string>;
  /** Profiles whose entries go now because the namespace may not use them any more. */
  readonly withdrawn: readonly string[];
  /** What the namespace's annotation asks for; `undefined`: it can't be read, or there is none. */
  readonly refreshRequestedAt: string | undefined;
}

export function planSecretWrite(input: PlanInput, wish: Wish): Plan {
  const existing = input.observed.pullSecret;
  const { profiles, kept, withdrawn } = wish;
  const trusted = trustedRecords(existing);
  const carried = trusted.filter(({ profile }) => kept.has(profile));
  const drops = withdrawn.length > 0 || holdsUnwanted(trusted, wish);
  if (profiles.length === 0 && (carried.length === 0 || !drops)) return plan([]);
  const repair = input.bookkeepingAllowed ? planRepair(existing) : undefined;
  return repair ?? planContent(input, wish, { carried, drops });
}

function planContent(
  input: PlanInput,
  wish: Wish,
  leftovers: Pick<WriteSecretStep, 'carried' | 'drops'>,
): Plan {
  const existing = input.observed.pullSecret;
  const { profiles, kept, withdrawn } = wish;
  const { now, observed, settings } = input;
  const wanted = wish.refreshRequestedAt ?? existing?.refreshRequestedAt;
  const isRequested = wanted !== undefined && wanted !== existing?.refreshRequestedAt;
  const nextDueAt = dueAtOf(existing, profiles, input);
  const causes = { profiles, kept, withdrawn, isRequested, nextDueAt, now };
  const reason = writeReason(existing, causes);
  if (reason === undefined) return plan([], nextDueAt);

  const openSince = isRequested ? input.refreshRequestSeenAt : undefined;
  const { refreshRequestedAt, requestedSince } = satisfying(reason, wanted, openSince, existing);
  const jitter = jitterOf(observed.uid);
  const { refresh } = settings;
  const grants = needsOf(profiles, { existing, requestedSince, now, jitter, refresh });
  const replaced = replacedRecords(trustedRecords(existing), profiles);
  const content = { profiles, grants, replaced, ...leftovers, withdrawn };
  return plan([{ kind: 'writeSecret', reason, ...content, refreshRequestedAt, existing }]);
}

/** Where nothing works now, any live token is better than waiting for one that satisfies an open request. */
function satisfying(
  reason: WriteReason,
  wanted: string | undefined,
  openSince: Date | undefined,
  existing: PullSecretRecord | undefined,
): { readonly refreshRequestedAt: string | undefined; readonly requestedSince: Date | undefined } {
  if (openSince === undefined) return { refreshRequestedAt: wanted, requestedSince: undefined };
  return isRepair(reason)
    ? { refreshRequestedAt: existing?.refreshRequestedAt, requestedSince: undefined }
    : { refreshRequestedAt: wanted, requestedSince: after(openSince, -REQUEST_TOLERANCE_MS) };
}

/** Of what can be refreshed: the rest stays as it is, however old. */
function dueAtOf(
  existing: PullSecretRecord | undefined,
  profiles: readonly Profile[],
  { observed, settings, now }: PlanInput,
): Date | undefined {
  const jitter = jitterOf(observed.uid);
  const grants = profiles.flatMap(({ name, grants: ofProfile }) =>
    ofProfile.map((grant) => ({ profile: name, grant })),
  );
  return earliest(
    (existing?.tokens ?? [])
      .filter((token) => grants.some((grant) => isFor(grant, token)))
      .map((token) => (isFromFuture(token, now) ? now : dueAt(token, jitter, settings.refresh))),
  );
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

function plan(steps: Plan['steps'], recheckAt?: Date): Plan {
  return { steps, conditions: [], recheckAt };
}
