/** How an identity gets its tokens: the client for ECR or ECR Public, and a probe that tries a token at a registry. */
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicTokenCommand,
} from '@aws-sdk/client-ecr-public';
import type { Identity } from '../../domain/identity.ts';
import type { AwsParts } from '../network/aws-connection.ts';
import type { CredentialProvider } from '../credentials/credential-parts.ts';
import { credentialsOf } from '../credentials/credentials.ts';
import { type EcrAnswer, parseEcrAnswer, parseEcrPublicAnswer } from './ecr-answer.ts';
import { type RegistryProbe, registryProbe } from './registry-probe.ts';
import { type SdkConfig, sdkConfigOf } from '../network/sdk-config.ts';
import { type ClockOffsetObserver, OBSERVING, observeClockOffset } from '../network/server-date.ts';

export interface TokenApi {
  /** One call, and the calls that its credentials need. Rejects with the SDK's error or one of ours. */
  request(abortSignal: AbortSignal): Promise<EcrAnswer>;
  readonly probe: RegistryProbe;
  /** Closes every connection. */
  destroy(): void;
}

export interface TokenApiParts extends AwsParts {
  /** Called with each answer: how far AWS's clock is ahead of ours. */
  readonly clockOffset?: ClockOffsetObserver | undefined;
}

/**
 * Caches credentials until it is destroyed, because the SDK caches them per client. If there are none, `request`
 * rejects with a `CredentialsFailure`.
 */
export function openTokenApi(identity: Identity, parts: TokenApiParts): TokenApi {
  const { region, service } = identity;
  const sdk = sdkConfigOf(region, parts);
  const config = { ...sdk, credentials: credentialsOf(identity, { ...parts, sdk }) };
  const open = service === 'ecr' ? openEcr : openEcrPublic;
  return {
    ...open(config, observeClockOffset(parts.clock, parts.clockOffset)),
    probe: registryProbe(sdk.requestHandler),
  };
}

type Open = (
  config: SdkConfig & { readonly credentials: CredentialProvider },
  observing: ReturnType<typeof observeClockOffset>,
) => Omit<TokenApi, 'probe'>;

const openEcr: Open = (config, observing) => {
  const client = new ECRClient(config);
  client.middlewareStack.add(observing, OBSERVING);
  return {
    request: async (abortSignal) =>
      parseEcrAnswer(
        await client.send(new GetAuthorizationTokenCommand({}), { abortSignal }),
        config.region,
      ),
    destroy: () => client.destroy(),
  };
};

/**
 * ECR Public has no FIPS endpoint, but the SDK would make up the name of one: here `AWS_USE_FIPS_ENDPOINT` applies only
 * to the calls to STS.
 */
const openEcrPublic: Open = (config, observing) => {
  const client = new ECRPUBLICClient({ ...config, useFipsEndpoint: false });
  client.middlewareStack.add(observing, OBSERVING);
  return {
    request: async (abortSignal) =>
      parseEcrPublicAnswer(
        await client.send(new GetPublicTokenCommand({}), { abortSignal }),
        config.region,
      ),
    destroy: () => client.destroy(),
  };
};
