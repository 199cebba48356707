/** Mints tokens for ECR and ECR Public, each with the credentials of its identity, over the network or a wire. */
import { unlessAborted } from '../base/deadline.ts';
import type { TokenMinter } from '../controller/ports/token-minter.ts';
import { ControllerError, TransientError } from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';
import type { RegistryToken } from '../domain/token/registry-token.ts';
import type { AwsTimeouts } from './network/aws-connection.ts';
import { awsError, isExpiredCredentials } from './errors/aws-errors.ts';
import { CredentialsFailure } from './errors/failures.ts';
import type { EcrAnswer } from './ecr/ecr-answer.ts';
import { takeToken } from './ecr/take-token.ts';
import { openTokenApi, type TokenApi, type TokenApiParts } from './ecr/token-api.ts';
import { type UnverifiedObserver, verifyToken } from './ecr/verify-token.ts';

/** One STS call and one ECR call end within the 10 s that a mint may take. The SDK's own timeouts do not throw. */
const TIMEOUTS: AwsTimeouts = { connectionMs: 2_000, requestMs: 5_000, credentialsMs: 2_000 };

/** How long a mint may take with verification: a little less than the token store waits. */
const VERIFIED_MINT_MS = 9_000;

interface Dependencies extends Omit<TokenApiParts, 'timeouts'> {
  readonly timeouts?: AwsTimeouts;
  /** Called for each registry that could not be asked about a token. */
  readonly unverified?: UnverifiedObserver;
}

export class EcrTokenMinter implements TokenMinter {
  readonly #deps: TokenApiParts & Pick<Dependencies, 'unverified'>;
  /** By the identity's hash. */
  readonly #apis = new Map<string, TokenApi>();

  constructor(deps: Dependencies) {
    this.#deps = { ...deps, timeouts: deps.timeouts ?? TIMEOUTS };
  }

  /**
   * Makes one call to ECR, and the calls that its credentials need; a second one only if AWS reports that the (perhaps
   * cached) credentials have expired. Then asks the registries that the identity names whether they accept the token.
   * Throws a `ControllerError` without any text from AWS.
   */
  async mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    try {
      return await this.#mintOnce(identity, signal);
    } catch (error) {
      if (!isExpiredCredentials(error)) throw toControllerError(error, identity);
    }
    this.forget(identity.hash);
    try {
      return await this.#mintOnce(identity, signal);
    } catch (error) {
      throw toControllerError(error, identity);
    }
  }

  forget(identityHash: string): void {
    this.#apis.get(identityHash)?.destroy();
    this.#apis.delete(identityHash);
  }

  /** Closes every connection. */
  close(): void {
    for (const hash of this.#apis.keys()) this.forget(hash);
  }

  async #mintOnce(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    const { clock } = this.#deps;
    const startMs = clock.monotonicMs();
    const token = await takeToken(identity, clock, () => this.#request(identity, signal));
    const { authorization } = token;
    const budgetMs = startMs + VERIFIED_MINT_MS - clock.monotonicMs();
    const { probe } = this.#apiOf(identity);
    await verifyToken({ identity, authorization, budgetMs }, { ...this.#deps, probe }, signal);
    return token;
  }

  async #request(identity: Identity, signal: AbortSignal): Promise<EcrAnswer> {
    const { hash, region } = identity;
    const asking = this.#apiOf(identity).request(signal);
    try {
      // The signal that the SDK gets does not end the search for credentials.
      return await unlessAborted(asking, signal, () => givenUp(region));
    } catch (error) {
      // Otherwise the next mint would wait for the same hanging search for credentials.
      if (signal.aborted || error instanceof CredentialsFailure) this.forget(hash);
      throw error;
    }
  }

  #apiOf(identity: Identity): TokenApi {
    const known = this.#apis.get(identity.hash);
    if (known !== undefined) return known;
    const api = openTokenApi(identity, this.#deps);
    this.#apis.set(identity.hash, api);
    return api;
  }
}

function toControllerError(error: unknown, identity: Identity): ControllerError {
  return error instanceof ControllerError ? error : awsError(error, identity);
}

function givenUp(region: string): TransientError {
  return new TransientError(
    `can't mint an ECR token in ${region}: aborted before the response arrived`,
    {
      code: 'ECR_TIMEOUT',
      eventReason: 'TokenRequestFailed',
    },
  );
}
