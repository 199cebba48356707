/** Whether a write is still for something where not every token could be had, and what may be said to be done by it. */
import { areSameRecords, isFor } from './carried-records.ts';
import type { WriteSecretStep } from './plan-model.ts';
import type { TokenRecord } from '../state/token-record.ts';
import { configHashOf, isRepair } from './write-reason.ts';

/**
 * The request for a refresh that the Secret may be said to satisfy with these records in it. One that was as new as was
 * asked for satisfies it though a newer one could not be had: else two of us would outdo each other until it can.
 */
export function satisfiedRequest(
  { grants, refreshRequestedAt, existing }: WriteSecretStep,
  fresh: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): string | undefined {
  const isSatisfied = grants.every(
    (need) =>
      fresh.some((record) => isFor(need, record)) ||
      (need.isRecordEnough && kept.some((record) => isFor(need, record))),
  );
  return isSatisfied ? refreshRequestedAt : existing?.refreshRequestedAt;
}

/** `fresh`: what the new tokens would be recorded as; `kept`: what would stay. */
export function isWorthWriting(
  step: WriteSecretStep,
  fresh: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): boolean {
  const { existing, profiles, drops, reason } = step;
  if (fresh.length + kept.length === 0) return false;
  if (drops) return true;
  if (fresh.length === 0) return false;
  return (
    isRepair(reason) ||
    existing?.configHash !== configHashOf(profiles) ||
    existing.refreshRequestedAt !== satisfiedRequest(step, fresh, kept) ||
    !areSameRecords([...fresh, ...kept], existing.tokens ?? [])
  );
}
