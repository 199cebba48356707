/** Computes from the table of entries what a write would do with the tokens that are available. */
import { judgeHostCount } from '../state/secret-size.ts';
import { type TokenRecord, renderTokenRecords } from '../state/token-record.ts';
import { type EntryPlan, isFor, isRenewal } from './entry-plan.ts';
import type { WriteSecretStep } from './plan-model.ts';
import { isRepair } from './write-reason.ts';

export interface Settlement {
  /** The records of the entries to carry over, each with the registries that no new token opens. */
  readonly kept: readonly TokenRecord[];
  /** The refresh request that the Secret may record as satisfied. */
  readonly refreshRequestedAt: string | undefined;
  /** Whether the write would change anything that matters. */
  readonly isWorthWriting: boolean;
}

/** `renewed`: the records of the new tokens. */
export function settleEntries(
  step: WriteSecretStep,
  renewed: readonly TokenRecord[],
  now: Date,
): Settlement {
  const kept = recordsToKeep(step.entries, renewed, now);
  const refreshRequestedAt = satisfiedRequest(step, renewed, kept);
  const isWorthWriting = isWorthIt(step, renewed, { kept, refreshRequestedAt });
  return { kept, refreshRequestedAt, isWorthWriting };
}

/**
 * The live records of profiles that can't be used now and of logins without a new token; if nothing else would be left,
 * expired ones too. A registry that a new token opens goes to the new token.
 */
function recordsToKeep(
  entries: readonly EntryPlan[],
  renewed: readonly TokenRecord[],
  now: Date,
): readonly TokenRecord[] {
  const failing = entries
    .filter(isRenewal)
    .filter(({ need }) => !renewed.some((record) => isFor(need, record)));
  // If a new identity gets no token, its profile keeps the entries that it had.
  const profilesWithoutToken = new Set(
    failing.filter(({ record }) => record === undefined).map(({ profile }) => profile),
  );
  const candidates = [
    ...failing.flatMap(({ record }) => record ?? []),
    ...entries.flatMap((row) =>
      row.verdict === 'keepUntilRenewed' && profilesWithoutToken.has(row.profile)
        ? [row.record]
        : [],
    ),
    ...entries.flatMap((row) => (row.verdict === 'keep' ? [row.record] : [])),
  ];
  const live = candidates.filter(({ expiresAt }) => expiresAt > now);
  const isLastOne = renewed.length + live.length === 0;
  return withoutHostsOf(renewed, isLastOne ? candidates : live);
}

/**
 * An entry that is as new as the request demands satisfies it, even if no newer token is available: otherwise two
 * controllers would keep outdoing each other until one is.
 */
function satisfiedRequest(
  { entries, refreshRequestedAt, existing }: WriteSecretStep,
  renewed: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): string | undefined {
  const isSatisfied = entries
    .filter(isRenewal)
    .every(
      ({ need, reason }) =>
        renewed.some((record) => isFor(need, record)) ||
        (reason === 'alongside' && kept.some((record) => isFor(need, record))),
    );
  return isSatisfied ? refreshRequestedAt : existing?.refreshRequestedAt;
}

function isWorthIt(
  { entries, existing, configHash, reason }: WriteSecretStep,
  renewed: readonly TokenRecord[],
  { kept, refreshRequestedAt }: Omit<Settlement, 'isWorthWriting'>,
): boolean {
  if (renewed.length + kept.length === 0) return false;
  if (entries.some(({ verdict }) => verdict === 'drop')) return true;
  if (renewed.length === 0) return false;
  return (
    isRepair(reason) ||
    existing?.configHash !== configHash ||
    existing.refreshRequestedAt !== refreshRequestedAt ||
    !areSameRecords([...renewed, ...kept], existing.tokens ?? [])
  );
}

function areSameRecords(records: readonly TokenRecord[], others: readonly TokenRecord[]): boolean {
  return renderTokenRecords(records) === renderTokenRecords(others);
}

/** `kept`, each without the registries of `renewed` and of the records before it; those that would be empty are left out. */
function withoutHostsOf(
  renewed: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): readonly TokenRecord[] {
  const taken = new Set(renewed.flatMap(({ registries }) => registries));
  return kept.flatMap((record) => {
    const registries = record.registries.filter((host) => !taken.has(host));
    // What one profile after another leaves behind must not outgrow what one Secret can hold.
    const isTooMuch = judgeHostCount(taken.size + registries.length) === 'tooLarge';
    if (registries.length === 0 || isTooMuch) return [];
    for (const host of registries) taken.add(host);
    return [{ ...record, registries }];
  });
}
