/** The configuration of every SDK client: one attempt, timeouts that throw, over the network or over a wire. */
import type { AwsParts } from './aws-connection.ts';
import { PLAIN_NETWORK } from './aws-network.ts';
import { NetworkRequestHandler } from './network-request-handler.ts';
import type { SdkHandler } from './sdk-handler.ts';
import { WireRequestHandler } from './wire-request-handler.ts';

/** The same for ECR and STS. */
export interface SdkConfig {
  readonly region: string;
  /** The SDK would try three times: the token store's back-off is the only retry. */
  readonly maxAttempts: 1;
  readonly requestHandler: SdkHandler;
  readonly retryMode?: 'standard';
  readonly defaultsMode?: 'standard';
  readonly useFipsEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
}

export function sdkConfigOf(region: string, parts: AwsParts): SdkConfig {
  const { wire, network = PLAIN_NETWORK, clock, timeouts } = parts;
  const common = { region, maxAttempts: 1 } as const;
  if (wire === undefined) {
    return { ...common, requestHandler: new NetworkRequestHandler(network, timeouts) };
  }
  const { requestMs } = timeouts;
  return {
    ...common,
    ...NO_FILES,
    requestHandler: new WireRequestHandler({ wire, clock, requestMs }),
  };
}

/** What the SDK would read from files of the machine's user, which must not affect a simulated AWS. */
const NO_FILES = {
  retryMode: 'standard',
  defaultsMode: 'standard',
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
} as const;
