/** The SDK's client of private ECR for one identity. */
import { ECRClient } from '@aws-sdk/client-ecr';
import type { Identity } from '../domain/identity.ts';
import type { AwsParts } from './aws-access.ts';
import { credentialsOf } from './credentials.ts';
import { type SdkConfig, sdkConfigOf } from './sdk-config.ts';

/** Where credentials can't be had, `send` rejects with a `CredentialsFailure`. */
export function newEcrClient(
  identity: Identity,
  parts: AwsParts,
  sdk: SdkConfig = sdkConfigOf(identity.region, parts),
): ECRClient {
  return new ECRClient({ ...sdk, credentials: credentialsOf(identity, { ...parts, sdk }) });
}
