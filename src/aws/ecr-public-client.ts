/** The SDK's client of ECR Public for one identity. */
import { ECRPUBLICClient } from '@aws-sdk/client-ecr-public';
import type { Identity } from '../domain/identity.ts';
import type { AwsParts } from './aws-access.ts';
import { credentialsOf } from './credentials.ts';
import { type SdkConfig, sdkConfigOf } from './sdk-config.ts';

/**
 * Where credentials can't be had, `send` rejects with a `CredentialsFailure`. ECR Public has no FIPS endpoint, but the
 * SDK would make up the name of one: `AWS_USE_FIPS_ENDPOINT` holds for the STS that is asked on the way only.
 */
export function newEcrPublicClient(
  identity: Identity,
  parts: AwsParts,
  sdk: SdkConfig = sdkConfigOf(identity.region, parts),
): ECRPUBLICClient {
  const credentials = credentialsOf(identity, { ...parts, sdk });
  return new ECRPUBLICClient({ ...sdk, useFipsEndpoint: false, credentials });
}
