/** From an SDK error to one of ours: the reaction, the cause and the fix, and nothing that could hold a token. */
import { type ControllerError, StalledError, TransientError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/identity.ts';
import { reactionToFailure } from './credential-reactions.ts';
import { partsOf, type Reaction, reactionToEcr } from './ecr-reactions.ts';
import { describeFacts, type ErrorFacts, factsOf, kindOf } from './error-facts.ts';
import { CredentialsFailure } from './failures.ts';

/** Whether new credentials could fix it, also if STS refused expired ones when a role was to be assumed. */
export function isExpiredCredentials(error: unknown): boolean {
  if (!(error instanceof CredentialsFailure)) return kindOf(factsOf(error)) === 'expired';
  return error.step === 'assumedRole' && kindOf(factsOf(error.cause)) === 'expired';
}

/** `error` is what the SDK threw, or a `CredentialsFailure` around it. */
export function awsError(
  error: unknown,
  { service, region }: Pick<Identity, 'service' | 'region'>,
): ControllerError {
  const minting = `can't mint an ${service === 'ecr' ? 'ECR' : 'ECR Public'} token in ${region}: `;
  if (error instanceof CredentialsFailure) return credentialsError(error, minting);
  const facts = factsOf(error);
  return errorOf(minting, reactionToEcr(service, kindOf(facts)), facts);
}

/** Why there are no credentials. `purpose`: what they are for, with a colon at the end. */
export function credentialsError(
  { cause, step, provider }: CredentialsFailure,
  purpose = '',
): ControllerError {
  const facts = factsOf(cause);
  const getting = `${purpose}no AWS credentials (${provider}): `;
  return errorOf(getting, reactionToFailure(step, kindOf(facts)), facts);
}

function errorOf(
  doing: string,
  { code, mustAct, words }: Reaction,
  facts: ErrorFacts,
): ControllerError {
  const [trouble, fix] = partsOf(words);
  const summary = describeFacts(facts);
  const message = `${doing}${trouble}${summary === '' ? '' : ` (${summary})`}`;
  // Instead of the SDK's error, which carries the whole answer.
  const cause = new Error([summary, facts.principal].filter(Boolean).join(', ') || facts.name);
  const details = { code, eventReason: eventReasonOf(code), fix, cause };
  return mustAct ? new StalledError(message, details) : new TransientError(message, details);
}

function eventReasonOf(code: string): string {
  if (code.endsWith('_DENIED')) return 'TokenRequestDenied';
  return code.endsWith('_THROTTLED') ? 'TokenRequestThrottled' : 'TokenRequestFailed';
}
