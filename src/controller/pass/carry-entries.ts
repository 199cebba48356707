/** Carries entries over: finds their `auth` in memory, else in our own Secret. */
import { type EntryPlan, isFor, isRenewal } from '../../domain/plan/entry-plan.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Entry } from '../../domain/state/pull-secret.ts';
import type { SecretText } from '../../domain/secret-text.ts';
import type { TokenRecord } from '../../domain/state/token-record.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** The `auth` values in a Secret, by registry. */
export type Authorizations = ReadonlyMap<string, SecretText>;

type Tokens = Pick<TokenStore, 'cached'>;

/**
 * An entry whose `auth` is found nowhere is left out. Memory serves only what the namespace may use now: records are in
 * an annotation, and a forged one must not yield a token that is not in the Secret already.
 */
export function carryEntries(
  records: readonly TokenRecord[],
  plan: readonly EntryPlan[],
  tokens: Tokens,
  read: Authorizations,
): readonly Entry[] {
  const renewals = plan.filter(isRenewal);
  return records.flatMap((record) => {
    const isEligible = renewals.some(({ need }) => isFor(need, record));
    const cached = isEligible ? cachedAuthorization(record, tokens) : undefined;
    const authorization = cached ?? authorizationIn(read, record);
    return authorization === undefined ? [] : [{ ...record, authorization }];
  });
}

function cachedAuthorization(
  { identity, mintedAt, expiresAt }: TokenRecord,
  tokens: Tokens,
): SecretText | undefined {
  const cached = tokens.cached({ hash: identity });
  const isSame =
    cached?.mintedAt.getTime() === mintedAt.getTime() &&
    cached.expiresAt.getTime() === expiresAt.getTime();
  return isSame ? cached.authorization : undefined;
}

/** All registries of a record have the same token: content where they differ was not written by us. */
function authorizationIn(read: Authorizations, record: TokenRecord): SecretText | undefined {
  const found = record.registries.map((host) => read.get(host));
  const [authorization] = found;
  const isOne = found.every((each) => each?.reveal() === authorization?.reveal());
  return isOne ? authorization : undefined;
}

/** For a write that would leave nothing in the Secret: an empty one does more harm than none. */
export function nothingToCarry(namespace: string): TransientError {
  return new TransientError(
    `writing the pull secret in namespace "${namespace}": none of its entries was found in it`,
    { code: 'NOTHING_TO_CARRY' },
  );
}
