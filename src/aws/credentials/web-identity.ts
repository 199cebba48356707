/** `webIdentity`: assumes a role with the token in a file, on any cluster whose issuer AWS trusts. */
import { fromWebToken } from '@aws-sdk/credential-providers';
import type { WebIdentity } from '../../domain/identity.ts';
import { SESSION_NAME, SESSION_SECONDS } from './assume-role.ts';
import type { AwsCredentials, Environment } from '../network/aws-connection.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';
import { factsOf, kindOf } from '../errors/error-facts.ts';
import type { SdkConfig } from '../network/sdk-config.ts';
import { SourceError } from '../errors/failures.ts';
import { readTokenFile } from './token-file.ts';

export function openWebIdentity(
  explicit: WebIdentity | undefined,
  { environment, sdk }: CredentialParts,
): OpenedSource {
  return {
    describe: () => 'web identity',
    read: async () => {
      const { roleArn, tokenFile } = explicit ?? rolesOfIrsa(environment);
      const sessionName =
        explicit?.sessionName ?? (environment['AWS_ROLE_SESSION_NAME'] || SESSION_NAME);
      return assumeWithFile({ roleArn, tokenFile, sessionName }, sdk);
    },
  };
}

/** What the EKS webhook adds to the environment of a Pod. */
function rolesOfIrsa(environment: Environment): Pick<WebIdentity, 'roleArn' | 'tokenFile'> {
  const roleArn = environment['AWS_ROLE_ARN'];
  const tokenFile = environment['AWS_WEB_IDENTITY_TOKEN_FILE'];
  if (!roleArn || !tokenFile) {
    throw new SourceError('no web identity in the environment', { kind: 'noProvider' });
  }
  return { roleArn, tokenFile };
}

/** If AWS does not accept the token, it tries once more, but only if the kubelet has rotated the file meanwhile. */
async function assumeWithFile(identity: WebIdentity, sdk: SdkConfig): Promise<AwsCredentials> {
  const token = await readTokenFile(identity.tokenFile);
  try {
    return await assume(identity, token, sdk);
  } catch (error) {
    const kind = kindOf(factsOf(error));
    if (kind !== 'expired' && kind !== 'untrustedToken') throw error;
    const fresh = await readTokenFile(identity.tokenFile);
    if (fresh === token) throw error;
    return assume(identity, fresh, sdk);
  }
}

function assume(
  { roleArn, sessionName = SESSION_NAME }: WebIdentity,
  webIdentityToken: string,
  sdk: SdkConfig,
): Promise<AwsCredentials> {
  return fromWebToken({
    roleArn,
    roleSessionName: sessionName,
    webIdentityToken,
    durationSeconds: SESSION_SECONDS,
    clientConfig: sdk,
  })();
}
