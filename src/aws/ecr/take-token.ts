/** From a call's answer to a token: dated by the given clock, with an expiry that is trusted or guessed. */
import type { Clock } from '../../base/clock.ts';
import { believeExpiry } from '../../domain/token/refresh-policy.ts';
import type { Identity } from '../../domain/identity.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';
import type { EcrAnswer } from './ecr-answer.ts';

/** Rejects like `ask`. */
export async function takeToken(
  identity: Identity,
  clock: Pick<Clock, 'now'>,
  ask: () => Promise<EcrAnswer>,
): Promise<RegistryToken> {
  const mintedAt = clock.now();
  const { authorization, ownRegistry, expiresAt: reported } = await ask();
  const believed = believeExpiry({ mintedAt, arrivedAt: clock.now(), expiresAt: reported });
  const { expiresAt, trusted: expiryTrusted } = believed;
  return { identity, authorization, ownRegistry, mintedAt, expiresAt, expiryTrusted };
}
