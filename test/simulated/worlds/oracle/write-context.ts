/** One of our writes and everything that it is judged by. */
import type { Facts } from '../model/facts.ts';
import type { HopRequest } from '../network/hop-request.ts';
import type { Knowledge } from '../model/knowledge.ts';
import { type SecretFacts, readSecret } from '../model/secret-facts.ts';
import type { IssuedTokens } from '../network/simulated-ecr.ts';
import type { Report } from '../violation.ts';

export interface WriteContext {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  readonly known: Knowledge;
  readonly hop: HopRequest;
  readonly report: Report;
}

export interface SecretStates {
  readonly before: SecretFacts | undefined;
  readonly after: SecretFacts;
}

/** Between the decision and the sending there is a moment and, at worst, a pause that the server asked for. */
export const DECISION_MS = 90_000;
/** Clocks are read in whole milliseconds, and shortly before the request is sent. */
export const MOMENT_MS = 1_500;

/** Every state of our Secret there that the process may have acted on; `undefined`: there was none. */
export function secretsKnown(
  namespace: string,
  { facts, known, issued }: Pick<WriteContext, 'facts' | 'known' | 'issued'>,
): readonly (SecretFacts | undefined)[] {
  const secrets = facts.secret(namespace).during(known.secretsSinceMs, known.atMs);
  return secrets.map((secret) => (secret === undefined ? undefined : readSecret(secret, issued)));
}
