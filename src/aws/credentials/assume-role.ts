/** One link of a role chain: AssumeRole at the STS of the region. */
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole } from '../../domain/identity.ts';
import type { AwsCredentials } from '../network/aws-connection.ts';
import type { SdkConfig } from '../network/sdk-config.ts';

/** What CloudTrail shows if nothing else is configured. */
export const SESSION_NAME = 'ecr-pull-secrets';

/** The shortest session that STS allows: enough for one call. A chained role may have one hour at most. */
export const SESSION_SECONDS = 900;

/** Rejects with the SDK's error. */
export function assumeRole(
  role: AssumedRole,
  before: AwsCredentials | undefined,
  sdk: SdkConfig,
): Promise<AwsCredentials> {
  if (before === undefined) {
    return Promise.reject(new Error('no credentials to assume a role with'));
  }
  const { roleArn, externalId, sessionName = SESSION_NAME, sessionTags } = role;
  const tags = Object.entries(sessionTags).map(([Key, Value]) => ({ Key, Value }));
  const assume = fromTemporaryCredentials({
    masterCredentials: before,
    clientConfig: sdk,
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: SESSION_SECONDS,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
      ...(tags.length === 0 ? {} : { Tags: tags }),
    },
  });
  return assume();
}
