/** A fake minter: numbered tokens with a chosen lifetime, and failures, hangs and wrong answers on request. */
import type { EcrAnswer } from '../../../src/aws/ecr/ecr-answer.ts';
import { takeToken } from '../../../src/aws/ecr/take-token.ts';
import type { Clock } from '../../../src/base/clock.ts';
import type { TokenMinter } from '../../../src/controller/ports/token-minter.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../src/domain/token/registry-token.ts';
import { SecretText } from '../../../src/domain/secret-text.ts';

export interface MintCall {
  readonly identity: string;
  readonly at: Date;
  /** The time on AWS's clock. */
  readonly awsAt: Date;
}

export class FakeTokenMinter implements TokenMinter {
  readonly calls: MintCall[] = [];
  lifeMs = 12 * 3_600_000;
  /** If false, answers contain no expiry. */
  expiryTrusted = true;
  /** How far AWS's clock is ahead of ours. */
  skewMs = 0;
  /** The largest number of concurrent calls so far. */
  maxInFlight = 0;
  readonly #maxInFlightOf = new Map<string, number>();
  /** The identities of the running calls. */
  readonly #running: string[] = [];
  readonly #clock: Clock;
  readonly #word: string;
  readonly #failures: unknown[] = [];
  readonly #refused = new Map<string, unknown>();
  #hung: (() => void)[] | undefined;

  /** `word`: the start of every token. */
  constructor(clock: Clock, word = 'token') {
    this.#clock = clock;
    this.#word = word;
  }

  /** The next `times` calls fail with this error. */
  failNext(error: unknown, times = 1): void {
    for (let n = 0; n < times; n++) this.#failures.push(error);
  }

  /** From now on every call of this identity fails with this error. */
  refuse(identity: Pick<Identity, 'hash'>, error: unknown): void {
    this.#refused.set(identity.hash, error);
  }

  /** Ends all failures and hangs. */
  heal(): void {
    this.#refused.clear();
    this.#failures.length = 0;
    this.expiryTrusted = true;
    this.release();
  }

  /** From now on calls wait for `release()`, or for their signal. */
  hang(): void {
    this.#hung ??= [];
  }

  release(): void {
    const waiting = this.#hung ?? [];
    this.#hung = undefined;
    for (const go of waiting) go();
  }

  async mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    const { hash } = identity;
    this.#running.push(hash);
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    const ofIdentity = this.#running.filter((other) => other === hash).length;
    this.#maxInFlightOf.set(hash, Math.max(this.maxInFlightOf(hash), ofIdentity));
    try {
      return await takeToken(identity, this.#clock, () => this.#answer(identity, signal));
    } finally {
      this.#running.splice(this.#running.indexOf(hash), 1);
    }
  }

  /** How many calls are running now. */
  get inFlight(): number {
    return this.#running.length;
  }

  /** Like `maxInFlight`, for one identity. */
  maxInFlightOf(hash: string): number {
    return this.#maxInFlightOf.get(hash) ?? 0;
  }

  /** The number of a token. */
  static numberOf(token: RegistryToken): number {
    return Number(/\d+$/.exec(atob(token.authorization.reveal()))?.[0]);
  }

  async #answer({ hash, region }: Identity, signal: AbortSignal): Promise<EcrAnswer> {
    const at = this.#clock.now();
    const awsAt = new Date(at.getTime() + this.skewMs);
    const number = this.calls.push({ identity: hash, at, awsAt });
    await this.#pass(signal);
    if (this.#failures.length > 0) throw this.#failures.shift();
    if (this.#refused.has(hash)) throw this.#refused.get(hash);
    return {
      authorization: new SecretText(btoa(`AWS:${this.#word}-${number}`)),
      ownRegistry: `123456789012.dkr.ecr.${region}.amazonaws.com`,
      expiresAt: this.expiryTrusted ? new Date(awsAt.getTime() + this.lifeMs) : undefined,
    };
  }

  #pass(signal: AbortSignal): Promise<void> {
    const hung = this.#hung;
    if (hung === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      hung.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error), {
        once: true,
      });
    });
  }
}
