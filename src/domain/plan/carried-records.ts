/** Which entries of a Secret stay as they are when it is written anew with the tokens that could be had. */
import type { GrantNeed, WriteSecretStep } from './plan-model.ts';
import { judgeHostCount } from '../state/secret-size.ts';
import { type TokenRecord, renderTokenRecords } from '../state/token-record.ts';

type Write = Pick<WriteSecretStep, 'grants' | 'carried' | 'replaced'>;

/**
 * Those of profiles that can't be used now and of grants without a new token, while they live; where otherwise nothing
 * would be left, expired ones too. A registry that a new token opens is the new one's.
 */
export function recordsToCarry(
  step: Write,
  fresh: readonly TokenRecord[],
  now: Date,
): readonly TokenRecord[] {
  const failing = step.grants.filter((need) => !fresh.some((record) => isFor(need, record)));
  const bereft = new Set(
    failing.flatMap(({ profile, record }) => (record === undefined ? [profile] : [])),
  );
  const candidates = [
    ...failing.flatMap(({ record }) => record ?? []),
    // A new identity that gets no token takes nothing away from the profile.
    ...step.replaced.filter(({ profile }) => bereft.has(profile)),
    ...step.carried,
  ];
  const live = candidates.filter(({ expiresAt }) => expiresAt > now);
  const isLastOne = fresh.length + live.length === 0;
  return besides(fresh, isLastOne ? candidates : live);
}

/** Whether these are the records that stand there already. */
export function areSameRecords(
  records: readonly TokenRecord[],
  others: readonly TokenRecord[],
): boolean {
  return renderTokenRecords(records) === renderTokenRecords(others);
}

/** Whether this is the entry of this grant, whatever registries it names. */
export function isFor(
  { profile, grant }: Pick<GrantNeed, 'profile' | 'grant'>,
  record: TokenRecord,
): boolean {
  return record.profile === profile && record.identity === grant.identity.hash;
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
