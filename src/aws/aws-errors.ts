/** From an error of the SDK to one of ours: the reaction, the cause and the mend, and nothing that could hold a token. */
import { type ControllerError, StalledError, TransientError } from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';
import { ECR_REACTIONS } from './aws-reactions.ts';
import { reactionToFailure } from './credential-reactions.ts';
import { CredentialsFailure } from './credentials-failure.ts';
import { describeFacts, factsOf } from './error-facts.ts';
import { kindOf } from './error-kind.ts';
import { ECR_PUBLIC_REACTIONS } from './ecr-public-reactions.ts';

const SERVICES = {
  ecr: { title: 'ECR', reactions: ECR_REACTIONS },
  'ecr-public': { title: 'ECR Public', reactions: ECR_PUBLIC_REACTIONS },
} as const;

/** Whether new credentials could mend it: also where STS says so of those with which a role is to be assumed. */
export function isExpiredCredentials(error: unknown): boolean {
  if (!(error instanceof CredentialsFailure)) return kindOf(factsOf(error)) === 'expired';
  return error.step === 'assumedRole' && kindOf(factsOf(error.cause)) === 'expired';
}

/** `error` is what the SDK threw, or a `CredentialsFailure` around it. */
export function awsError(
  error: unknown,
  { service, region }: Pick<Identity, 'service' | 'region'>,
): ControllerError {
  const { title, reactions } = SERVICES[service];
  const ofCredentials = error instanceof CredentialsFailure;
  const facts = factsOf(ofCredentials ? error.cause : error);
  const { code, mustAct, eventReason, text } = ofCredentials
    ? reactionToFailure(error.step, kindOf(facts))
    : reactions[kindOf(facts)];
  const stage = ofCredentials ? `getting AWS credentials (${error.provider}): ` : '';
  const summary = describeFacts(facts);
  const message = `minting ${title} token in ${region}: ${stage}${text}${summary === '' ? '' : ` (${summary})`}`;
  const details = {
    code,
    eventReason: eventReason ?? 'TokenRequestFailed',
    // In place of the SDK's error, which carries the whole answer.
    cause: new Error([summary, facts.principal].filter(Boolean).join(', ') || facts.name),
  };
  return mustAct ? new StalledError(message, details) : new TransientError(message, details);
}
