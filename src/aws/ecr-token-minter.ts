/** Mints tokens of private ECR, each with the credentials of its identity, over the network or a wire. */
import { type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { TokenMinter } from '../controller/ports.ts';
import { unlessAborted } from '../controller/unless-aborted.ts';
import { ControllerError, TransientError } from '../domain/errors.ts';
import { believeExpiry } from '../domain/refresh-policy.ts';
import type { Identity } from '../domain/identity.ts';
import type { RegistryToken } from '../domain/registry-token.ts';
import type { AwsParts, AwsTimeouts } from './aws-access.ts';
import { awsError, isExpiredCredentials } from './aws-errors.ts';
import { CredentialsFailure } from './credentials-failure.ts';
import { newEcrClient } from './ecr-client.ts';
import { type EcrAnswer, parseEcrAnswer } from './ecr-answer.ts';
import { type ClockOffsetObserver, observeClockOffset } from './server-date.ts';

/** An STS and an ECR call end within the 10 s that a mint may take. The SDK itself has no timeouts that throw. */
const TIMEOUTS: AwsTimeouts = { connectionMs: 2_000, requestMs: 5_000, credentialsMs: 2_000 };

interface Dependencies extends Omit<AwsParts, 'timeouts'> {
  /** Told how far AWS's clock is ahead of ours, with each answer. */
  readonly clockOffset?: ClockOffsetObserver;
  readonly timeouts?: AwsTimeouts;
}

export class EcrTokenMinter implements TokenMinter {
  readonly #deps: Dependencies & AwsParts;
  /** By the identity's hash, because the SDK remembers credentials per client. */
  readonly #clients = new Map<string, ECRClient>();

  constructor(deps: Dependencies) {
    this.#deps = { ...deps, timeouts: deps.timeouts ?? TIMEOUTS };
  }

  /**
   * One call to ECR, and the calls that its credentials need; a second one only where AWS says that the credentials,
   * which may have been remembered, have expired. Throws a `ControllerError` without any text of AWS in it.
   */
  async mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    try {
      return await this.#mintOnce(identity, signal);
    } catch (error) {
      if (!isExpiredCredentials(error)) throw toControllerError(error, identity);
    }
    this.#forget(identity.hash);
    try {
      return await this.#mintOnce(identity, signal);
    } catch (error) {
      throw toControllerError(error, identity);
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const hash of this.#clients.keys()) this.#forget(hash);
  }

  async #mintOnce(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    const { clock } = this.#deps;
    const mintedAt = clock.now();
    const answer = await this.#request(identity, signal);
    const { expiresAt, trusted } = believeExpiry({
      mintedAt,
      arrivedAt: clock.now(),
      expiresAt: answer.expiresAt,
    });
    const { authorization, ownRegistry } = answer;
    return { identity, authorization, mintedAt, expiresAt, expiryTrusted: trusted, ownRegistry };
  }

  async #request(identity: Identity, signal: AbortSignal): Promise<EcrAnswer> {
    const { hash, region } = identity;
    const client = this.#clientOf(identity);
    const sending = client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal });
    try {
      // The SDK's own signal does not reach the search for credentials.
      const output = await unlessAborted(sending, signal, () => givenUp(region));
      return parseEcrAnswer(output, region);
    } catch (error) {
      // A search for credentials that hangs would be waited for by the next mint too.
      if (signal.aborted || error instanceof CredentialsFailure) this.#forget(hash);
      throw error;
    }
  }

  #forget(hash: string): void {
    this.#clients.get(hash)?.destroy();
    this.#clients.delete(hash);
  }

  #clientOf(identity: Identity): ECRClient {
    const known = this.#clients.get(identity.hash);
    if (known !== undefined) return known;
    const client = newEcrClient(identity, this.#deps);
    if (this.#deps.clockOffset !== undefined) {
      observeClockOffset(client, this.#deps.clock, this.#deps.clockOffset);
    }
    this.#clients.set(identity.hash, client);
    return client;
  }
}

function toControllerError(error: unknown, { region }: Identity): ControllerError {
  return error instanceof ControllerError ? error : awsError(error, region);
}

function givenUp(region: string): TransientError {
  return new TransientError(`minting ECR token in ${region}: given up before the answer came`, {
    code: 'ECR_TIMEOUT',
    eventReason: 'TokenRequestFailed',
  });
}
