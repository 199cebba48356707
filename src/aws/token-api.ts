/** What gives an identity its tokens: the client of ECR or of ECR Public, and the way to ask a registry about one. */
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetAuthorizationTokenCommand as GetPublicTokenCommand } from '@aws-sdk/client-ecr-public';
import type { Identity } from '../domain/identity.ts';
import type { AwsParts } from './aws-access.ts';
import { type EcrAnswer, parseEcrAnswer } from './ecr-answer.ts';
import { newEcrClient } from './ecr-client.ts';
import { parseEcrPublicAnswer } from './ecr-public-answer.ts';
import { newEcrPublicClient } from './ecr-public-client.ts';
import { type RegistryProbe, registryProbe } from './registry-probe.ts';
import { sdkConfigOf } from './sdk-config.ts';
import { type ClockOffsetObserver, OBSERVING, observeClockOffset } from './server-date.ts';

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

/** Credentials are remembered until it is destroyed, because the SDK remembers them per client. */
export function openTokenApi(identity: Identity, parts: TokenApiParts): TokenApi {
  const { region } = identity;
  const sdk = sdkConfigOf(region, parts);
  const probe = registryProbe(sdk.requestHandler);
  const observing = observeClockOffset(parts.clock, parts.clockOffset);
  if (identity.service === 'ecr-public') {
    const client = newEcrPublicClient(identity, parts, sdk);
    client.middlewareStack.add(observing, OBSERVING);
    return {
      async request(abortSignal) {
        const output = await client.send(new GetPublicTokenCommand({}), { abortSignal });
        return parseEcrPublicAnswer(output, region);
      },
      probe,
      destroy: () => client.destroy(),
    };
  }
  const client = newEcrClient(identity, parts, sdk);
  client.middlewareStack.add(observing, OBSERVING);
  return {
    async request(abortSignal) {
      const output = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal });
      return parseEcrAnswer(output, region);
    },
    probe,
    destroy: () => client.destroy(),
  };
}
