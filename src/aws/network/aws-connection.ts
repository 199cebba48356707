/** What AWS clients are built on: the network or a wire, the clock, and how long each call may take. */
import type { Clock } from '../../base/clock.ts';
import type { AwsNetwork } from './aws-network.ts';
import type { AwsWire } from './aws-wire.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AwsTimeouts {
  /** Until there is a connection, also through a proxy. */
  readonly connectionMs: number;
  /** Until the head of the answer arrives; the caller's signal limits its body. */
  readonly requestMs: number;
  /** For one call to the Pod Identity agent or the instance metadata. */
  readonly credentialsMs: number;
}

export interface AwsConnection {
  /** Carries the requests to ECR, STS and registries. Default: the network. */
  readonly wire?: AwsWire | undefined;
  /** How they travel over the network. Default: without a proxy. */
  readonly network?: AwsNetwork | undefined;
  /** Used instead of the source that a profile names; its roles are assumed with them. */
  readonly credentials?: AwsCredentials | undefined;
}

/** An access key, and what makes it temporary. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AwsParts extends AwsConnection {
  readonly clock: Clock;
  readonly timeouts: AwsTimeouts;
  /**
   * Names roles, files and endpoints of credentials. The SDK itself reads `process.env` for what only it decides: the
   * default chain of `auto`, and `AWS_ENDPOINT_URL_…` of its clients. In the program the two are the same.
   */
  readonly environment: Environment;
}
