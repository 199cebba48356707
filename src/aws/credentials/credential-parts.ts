/** What every source of credentials is made of, and what it provides. */
import type { AwsCredentials, AwsParts } from '../network/aws-connection.ts';
import type { SdkConfig } from '../network/sdk-config.ts';

export interface CredentialParts extends Omit<AwsParts, 'wire'> {
  /** For every call to STS. */
  readonly sdk: SdkConfig;
}

export interface OpenedSource {
  /** The provider that is asked, or was asked last, in words. */
  readonly describe: () => string;
  /** Asks every time. Rejects with an error of the SDK or of Node, or with a `SourceError`. */
  readonly read: CredentialProvider;
}

export type CredentialProvider = () => Promise<AwsCredentials>;
