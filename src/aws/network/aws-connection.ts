/** What the clients of AWS stand on: the network or a wire, the clock, how long each call may take. */
import type { Clock } from '../../base/clock.ts';
import type { AwsNetwork } from './aws-network.ts';
import type { AwsWire } from './aws-wire.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AwsTimeouts {
  /** Until there is a connection, through a proxy too. */
  readonly connectionMs: number;
  /** Until the answer's head; its body is bounded by the caller's signal. */
  readonly requestMs: number;
  /** Of one call to the Pod Identity agent or the instance metadata. */
  readonly credentialsMs: number;
}

export interface AwsConnection {
  /** What carries the requests to ECR, STS and registries; the network unless given. */
  readonly wire?: AwsWire | undefined;
  /** How they travel over the network; without a proxy unless given. */
  readonly network?: AwsNetwork | undefined;
  /** In place of the source that a profile names; its roles are assumed with them. */
  readonly credentials?: AwsCredentials | undefined;
}

/** An access key, and what makes it a temporary one. */
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
   * Names roles, files and endpoints of credentials. The SDK reads `process.env` by itself for what it decides alone: the
   * default chain of `auto`, and `AWS_ENDPOINT_URL_…` of its clients. In the program the two are the same.
   */
  readonly environment: Environment;
}
