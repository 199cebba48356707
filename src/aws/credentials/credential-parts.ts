/** What every source of credentials is made from, and what it gives. */
import type { AwsCredentials, AwsParts } from '../network/aws-connection.ts';
import type { SdkConfig } from '../network/sdk-config.ts';

export interface CredentialParts extends Omit<AwsParts, 'wire'> {
  /** For every call to STS. */
  readonly sdk: SdkConfig;
}

export interface OpenedSource {
  /** Who is asked, or was asked last, in words. */
  readonly describe: () => string;
  /** Asks again each time. Rejects with an error of the SDK or of Node, or with a `SourceError`. */
  readonly read: CredentialProvider;
}

export type CredentialProvider = () => Promise<AwsCredentials>;
