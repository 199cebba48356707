/** Checks credentials from the Pod Identity agent or the instance metadata. Never quotes them. */
import { isText, parseJson, recordOf } from '../../base/json.ts';
import type { AwsCredentials } from '../network/aws-connection.ts';
import { SourceError } from '../errors/failures.ts';

/** Throws a `SourceError` for an unusable answer. */
export function parseCredentials(body: string): AwsCredentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration, Code } = recordOf(parseJson(body));
  if (typeof Code === 'string' && Code !== 'Success') {
    // The instance metadata reports this with status 200: the role is gone, or does not trust ec2.amazonaws.com.
    throw new SourceError('no credentials for the role', { kind: 'denied', name: Code });
  }
  if (!isText(AccessKeyId) || !isText(SecretAccessKey) || !isText(Token)) throw unreadable();
  const expiration = new Date(isText(Expiration) ? Expiration : NaN);
  if (Number.isNaN(expiration.getTime())) throw unreadable();
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiration,
  };
}

function unreadable(): SourceError {
  return new SourceError('no credentials in the response', { kind: 'invalidAnswer' });
}
