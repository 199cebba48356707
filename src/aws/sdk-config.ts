/** What every client of the SDK is made with: one attempt, timeouts that throw, over the network or over a wire. */
import type { ECRClientConfig } from '@aws-sdk/client-ecr';
import type { AwsParts, AwsTimeouts } from './aws-access.ts';
import { WireRequestHandler } from './wire-request-handler.ts';

export type RequestHandler = NonNullable<ECRClientConfig['requestHandler']>;

/** Holds for ECR and for STS alike. */
export interface SdkConfig {
  readonly region: string;
  /** The SDK would try three times: the token store's back-off is the only retry. */
  readonly maxAttempts: 1;
  readonly requestHandler: RequestHandler;
  readonly retryMode?: 'standard';
  readonly defaultsMode?: 'standard';
  readonly useFipsEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
}

export function sdkConfigOf(region: string, parts: AwsParts): SdkConfig {
  const { wire, clock, timeouts } = parts;
  const common = { region, maxAttempts: 1 } as const;
  if (wire === undefined) return { ...common, requestHandler: handlerOptions(timeouts) };
  const { requestMs } = timeouts;
  return {
    ...common,
    ...NO_FILES,
    requestHandler: new WireRequestHandler({ wire, clock, requestMs }),
  };
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
