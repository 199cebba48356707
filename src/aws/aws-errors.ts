/** From an error of the SDK to one of ours: the reaction, the cause and the mend, and nothing that could hold a token. */
import { type ControllerError, StalledError, TransientError } from '../domain/errors.ts';
import { CREDENTIALS_REACTIONS, ECR_REACTIONS } from './aws-reactions.ts';
import { describeFacts, factsOf } from './error-facts.ts';
import { kindOf } from './error-kind.ts';

/** Thrown where the credentials themselves could not be had, so that STS is not mistaken for ECR. Never leaves `aws/`. */
export class CredentialsFailure extends Error {
  /** Which provider was asked last, in words. */
  readonly provider: string;

  constructor(cause: unknown, provider: string) {
    super('getting AWS credentials', { cause });
    this.provider = provider;
  }
}

/** Whether new credentials could mend it. */
export function isExpiredCredentials(error: unknown): boolean {
  return !(error instanceof CredentialsFailure) && kindOf(factsOf(error)) === 'expired';
}

/** `error` is what the SDK threw, or a `CredentialsFailure` around it. */
export function awsError(error: unknown, region: string): ControllerError {
  const ofCredentials = error instanceof CredentialsFailure;
  const facts = factsOf(ofCredentials ? error.cause : error);
  const { code, mustAct, eventReason, text } = ofCredentials
    ? CREDENTIALS_REACTIONS[kindOf(facts)]
    : ECR_REACTIONS[kindOf(facts)];
  const stage = ofCredentials ? `getting AWS credentials (${error.provider}): ` : '';
  const summary = describeFacts(facts);
  const message = `minting ECR token in ${region}: ${stage}${text}${summary === '' ? '' : ` (${summary})`}`;
  const details = {
    code,
    eventReason: eventReason ?? 'TokenRequestFailed',
    // In place of the SDK's error, which carries the whole answer.
    cause: new Error([summary, facts.principal].filter(Boolean).join(', ') || facts.name),
  };
  return mustAct ? new StalledError(message, details) : new TransientError(message, details);
}
