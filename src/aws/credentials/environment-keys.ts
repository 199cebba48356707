/** `environment`: the access key in the environment variables of the process. */
import type { AwsCredentials, Environment } from '../network/aws-connection.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';
import { SourceError } from '../errors/failures.ts';

export function openEnvironmentKeys({ environment }: CredentialParts): OpenedSource {
  return {
    describe: () => 'environment',
    read: async () => readKeys(environment),
  };
}

function readKeys(environment: Environment): AwsCredentials {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) {
    throw new SourceError('no access key in the environment', { kind: 'noProvider' });
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
