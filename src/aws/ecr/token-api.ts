/** What gives an identity its tokens: the client of ECR or of ECR Public, and the way to ask a registry about one. */
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
  /** One call, and those that its credentials need. Rejects with the SDK's error or one of ours. */
  request(abortSignal: AbortSignal): Promise<EcrAnswer>;
  readonly probe: RegistryProbe;
  /** Ends every connection. */
  destroy(): void;
}

export interface TokenApiParts extends AwsParts {
  /** Told how far AWS's clock is ahead of ours, with each answer. */
  readonly clockOffset?: ClockOffsetObserver | undefined;
}

/**
 * Credentials are remembered until it is destroyed, because the SDK remembers them per client. Where they can't be had,
 * `request` rejects with a `CredentialsFailure`.
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
 * It has no FIPS endpoint, but the SDK would make up the name of one: `AWS_USE_FIPS_ENDPOINT` holds for the STS that is
 * asked on the way only.
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
