/** The SDK's client for one region, with one attempt and timeouts for everything, over the network or over a wire. */
import { ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Clock } from '../controller/ports.ts';
import { CredentialsFailure } from './aws-errors.ts';
import type { AwsWire } from './aws-wire.ts';
import { CredentialTrail } from './credential-trail.ts';
import { WireRequestHandler } from './wire-request-handler.ts';
import { withDeadline } from './with-deadline.ts';

export interface AwsTimeouts {
  readonly connectionMs: number;
  /** Until the answer's head; its body is bounded by the caller's signal. */
  readonly requestMs: number;
  /** Of one call to the Pod Identity agent or the instance metadata. */
  readonly credentialsMs: number;
}

export interface AwsAccess {
  /** What carries the requests to ECR and STS; the network unless given. */
  readonly wire?: AwsWire | undefined;
  /** In place of the default chain. */
  readonly credentials?: AwsCredentials | undefined;
}

/** An access key. Simulated ones only: real ones are the SDK's business. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * `maxAttempts` holds for the nested STS client too, where the SDK would try three times: the token store's back-off is
 * the only retry. Where credentials can't be had, `send` rejects with a `CredentialsFailure`.
 */
export function newEcrClient(
  region: string,
  timeouts: AwsTimeouts,
  clock: Clock,
  { wire, credentials }: AwsAccess = {},
): ECRClient {
  const requestHandler =
    wire === undefined
      ? handlerOptions(timeouts)
      : new WireRequestHandler({ wire, clock, requestMs: timeouts.requestMs });
  const common = { region, maxAttempts: 1, requestHandler };
  return new ECRClient({
    ...common,
    ...(wire === undefined ? {} : NO_FILES),
    credentials: credentials ?? defaultChain(common, timeouts, clock),
  });
}

/** What the SDK would look for in files of the machine's user, which have no say in a simulated AWS. */
const NO_FILES = {
  retryMode: 'standard',
  defaultsMode: 'standard',
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
} as const;

function handlerOptions(timeouts: AwsTimeouts) {
  return {
    connectionTimeout: timeouts.connectionMs,
    requestTimeout: timeouts.requestMs,
    throwOnRequestTimeout: true,
    // A call in six hours finds no kept connection alive.
    httpAgent: { keepAlive: false },
    httpsAgent: { keepAlive: false },
  };
}

function defaultChain(
  clientConfig: Pick<ECRClientConfig, 'region' | 'maxAttempts' | 'requestHandler'>,
  timeouts: AwsTimeouts,
  clock: Clock,
): NonNullable<ECRClientConfig['credentials']> {
  const trail = new CredentialTrail();
  const chain = fromNodeProviderChain({
    clientConfig,
    logger: trail,
    maxRetries: 0,
    timeout: timeouts.credentialsMs,
  });
  // The SDK waits for a silent Pod Identity agent for ever.
  const deadlineMs = timeouts.connectionMs + timeouts.requestMs;
  return async (properties) => {
    try {
      return await withDeadline(chain(properties), deadlineMs, clock);
    } catch (error) {
      throw new CredentialsFailure(error, trail.lastProvider);
    }
  };
}
