/** Gives the entries that stay as they are the content that they have: from memory, else from our own Secret. */
import { isFor } from '../domain/carried-records.ts';
import { TransientError } from '../domain/errors.ts';
import type { WriteSecretStep } from '../domain/plan-model.ts';
import type { Entry } from '../domain/pull-secret.ts';
import type { SecretText } from '../domain/secret-text.ts';
import type { TokenRecord } from '../domain/token-record.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/**
 * What can't be found is left out. Memory serves only what the namespace may use now: a record stands in an annotation,
 * and who forged one must get no token for it that is not in the Secret already. Throws what `readBack` throws.
 */
export async function carryEntries(
  records: readonly TokenRecord[],
  { grants, existing }: WriteSecretStep,
  { tokens, pullSecrets }: ReconcileContext,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const inMemory = records.map((record) => {
    const isGranted = grants.some((need) => isFor(need, record));
    const authorization = isGranted ? heldAuthorization(record, tokens) : undefined;
    return authorization && { ...record, authorization };
  });
  if (inMemory.every((entry) => entry !== undefined)) return inMemory;
  if (existing === undefined) return [];
  const authorizations = await pullSecrets.readBack(existing, signal);
  return records.flatMap((record, index) => inMemory[index] ?? entriesFrom(record, authorizations));
}

function heldAuthorization(
  { identity, mintedAt, expiresAt }: TokenRecord,
  tokens: ReconcileContext['tokens'],
): SecretText | undefined {
  const held = tokens.held({ hash: identity });
  const isSame =
    held?.mintedAt.getTime() === mintedAt.getTime() &&
    held.expiresAt.getTime() === expiresAt.getTime();
  return isSame ? held.authorization : undefined;
}

/** One token opens all registries of a record: what says otherwise was not written by us. */
function entriesFrom(
  record: TokenRecord,
  authorizations: ReadonlyMap<string, SecretText>,
): readonly Entry[] {
  const found = record.registries.map((host) => authorizations.get(host));
  const [authorization] = found;
  const isOne = found.every((each) => each?.reveal() === authorization?.reveal());
  return authorization !== undefined && isOne ? [{ ...record, authorization }] : [];
}

/** There would be nothing left in the Secret: an empty one does more harm than none. */
export function nothingToCarry(namespace: string): TransientError {
  return new TransientError(
    `writing the pull secret in namespace "${namespace}": none of its entries was found in it`,
    { code: 'NOTHING_TO_CARRY' },
  );
}
