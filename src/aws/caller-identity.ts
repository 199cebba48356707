/** Asks STS who an identity is, with the credentials that mint its tokens. Only the doctor needs this. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { unlessAborted } from '../base/deadline.ts';
import type { ControllerError } from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';
import { credentialsError } from './errors/aws-errors.ts';
import { CredentialsFailure } from './errors/failures.ts';
import { credentialsOf } from './credentials/credentials.ts';
import { describeFacts, factsOf } from './errors/error-facts.ts';
import { sdkConfigOf } from './network/sdk-config.ts';
import { OBSERVING, observeClockOffset } from './network/server-date.ts';
import type { TokenApiParts } from './ecr/token-api.ts';

export type CallerAnswer =
  /** `arn`: of the role's session, or of the user. */
  | { readonly kind: 'known'; readonly account: string; readonly arn: string }
  /** There are no credentials, so no token can be minted either. */
  | { readonly kind: 'noCredentials'; readonly error: ControllerError }
  /** STS does not report it; a mint may still succeed. `reason`: without any text from AWS. */
  | { readonly kind: 'unknown'; readonly reason: string };

const ACCOUNT = /^\d{12}$/;
const ARN = /^arn:aws[a-z-]*:(?:sts|iam)::\d{12}:[\w+=,.@/-]{1,300}$/;

/** Never rejects. Needs no permission: STS answers every caller with credentials. */
export async function readCallerIdentity(
  identity: Identity,
  parts: TokenApiParts,
  signal: AbortSignal,
): Promise<CallerAnswer> {
  const sdk = sdkConfigOf(identity.region, parts);
  const credentials = credentialsOf(identity, { ...parts, sdk });
  const client = new STSClient({ ...sdk, credentials });
  client.middlewareStack.add(observeClockOffset(parts.clock, parts.clockOffset), OBSERVING);
  try {
    const sending = client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    const { Account: account = '', Arn: arn = '' } = await unlessAborted(sending, signal);
    if (ACCOUNT.test(account) && ARN.test(arn)) return { kind: 'known', account, arn };
    return { kind: 'unknown', reason: 'the response is not from STS' };
  } catch (error) {
    if (error instanceof CredentialsFailure) {
      return { kind: 'noCredentials', error: credentialsError(error) };
    }
    if (signal.aborted) return { kind: 'unknown', reason: 'no response in time' };
    return { kind: 'unknown', reason: describeFacts(factsOf(error)) || 'the request failed' };
  } finally {
    client.destroy();
  }
}
