/** Whether a write is still for something where not every token could be had. */
import { areSameRecords } from './carried-records.ts';
import type { WriteSecretStep } from './plan-model.ts';
import type { TokenRecord } from './token-record.ts';
import { configHashOf, isRepair } from './write-reason.ts';

/** `fresh`: what the new tokens would be recorded as; `kept`: what would stay. */
export function isWorthWriting(
  { existing, profiles, drops, reason }: WriteSecretStep,
  fresh: readonly TokenRecord[],
  kept: readonly TokenRecord[],
): boolean {
  if (fresh.length + kept.length === 0) return false;
  if (drops) return true;
  if (fresh.length === 0) return false;
  return (
    isRepair(reason) ||
    existing?.configHash !== configHashOf(profiles) ||
    !areSameRecords([...fresh, ...kept], existing.tokens ?? [])
  );
}
