/** What a write amounts to with the tokens that are available, folded from the table of its entries. */
import { judgeHostCount } from '../state/secret-size.ts';
import { type TokenRecord, renderTokenRecords } from '../state/token-record.ts';
import { type EntryPlan, isFor, isRenewal } from './entry-plan.ts';
import type { WriteSecretStep } from './plan-model.ts';
import { isRepair } from './write-reason.ts';

export interface Settlement {
  /** The entries that stay as they are, with the registries that no new token opens. */
  readonly kept: readonly TokenRecord[];
  /** The request for a refresh that the Secret may be said to satisfy. */
  readonly refreshRequestedAt: string | undefined;
  /** Whether anything that counts would change. */
  readonly isWorthWriting: boolean;
}

/** `fresh`: what the new tokens would be recorded as. */
export function settleEntries(
  step: WriteSecretStep,
  fresh: readonly TokenRecord[],
  now: Date,
): Settlement {
  const kept = recordsToKeep(step.entries, fresh, now);
  const refreshRequestedAt = satisfiedRequest(step, fresh, kept);
  const isWorthWriting = isWorthIt(step, fresh, { kept, refreshRequestedAt });
  return { kept, refreshRequestedAt, isWorthWriting };
}

/**
 * Those of profiles that can't be used now and of logins without a new token, while they live; where otherwise nothing
 * would be left, expired ones too. A registry that a new token opens is the new one's.
 */
function recordsToKeep(
  entries: readonly EntryPlan[],
  fresh: readonly TokenRecord[],
  now: Date,
): readonly TokenRecord[] {
  const failing = entries
    .filter(isRenewal)
    .filter(({ need }) => !fresh.some((record) => isFor(need, record)));
  // A new identity that gets no token takes nothing away from the profile.
  const bereft = new Set(
    failing.filter(({ record }) => record === undefined).map(({ profile }) => profile),
  );
  const candidates = [
    ...failing.flatMap(({ record }) => record ?? []),
    ...entries.flatMap((row) =>
      row.verdict === 'keepUntilRenewed' && bereft.has(row.profile) ? [row.record] : [],
    ),
    ...entries.flatMap((row) => (row.verdict === 'keep' ? [row.record] : [])),
  ];
  const live = candidates.filter(({ expiresAt }) => expiresAt > now);
  const isLastOne = fresh.length + live.length === 0;
  return besides(fresh, isLastOne ? candidates : live);
}

/**
 * One that was as new as was asked for satisfies a request though a newer one could not be had: else two of us would
 * outdo each other until it can.
 */
function satisfiedRequest(
  { entries, refreshRequestedAt, existing }: WriteSecretStep,
  fresh: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): string | undefined {
  const isSatisfied = entries
    .filter(isRenewal)
    .every(
      ({ need, reason }) =>
        fresh.some((record) => isFor(need, record)) ||
        (reason === 'alongside' && kept.some((record) => isFor(need, record))),
    );
  return isSatisfied ? refreshRequestedAt : existing?.refreshRequestedAt;
}

function isWorthIt(
  { entries, existing, configHash, reason }: WriteSecretStep,
  fresh: readonly TokenRecord[],
  { kept, refreshRequestedAt }: Omit<Settlement, 'isWorthWriting'>,
): boolean {
  if (fresh.length + kept.length === 0) return false;
  if (entries.some(({ verdict }) => verdict === 'drop')) return true;
  if (fresh.length === 0) return false;
  return (
    isRepair(reason) ||
    existing?.configHash !== configHash ||
    existing.refreshRequestedAt !== refreshRequestedAt ||
    !areSameRecords([...fresh, ...kept], existing.tokens ?? [])
  );
}

function areSameRecords(records: readonly TokenRecord[], others: readonly TokenRecord[]): boolean {
  return renderTokenRecords(records) === renderTokenRecords(others);
}

function besides(
  fresh: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): readonly TokenRecord[] {
  const taken = new Set(fresh.flatMap(({ registries }) => registries));
  return kept.flatMap((record) => {
    const registries = record.registries.filter((host) => !taken.has(host));
    // What was left behind by one profile after the other must not outgrow what one Secret can hold.
    const isTooMuch = judgeHostCount(taken.size + registries.length) === 'tooLarge';
    if (registries.length === 0 || isTooMuch) return [];
    for (const host of registries) taken.add(host);
    return [{ ...record, registries }];
  });
}
