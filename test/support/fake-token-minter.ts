/** A minter that behaves: numbered tokens of a chosen life, and failures, hangs and lies on request. */
import type { Clock } from '../../src/base/clock.ts';
import type { TokenMinter } from '../../src/controller/ports.ts';
import type { Identity } from '../../src/domain/identity.ts';
import type { RegistryToken } from '../../src/domain/registry-token.ts';
import { believeExpiry } from '../../src/domain/refresh-policy.ts';
import { SecretText } from '../../src/domain/secret-text.ts';

export interface MintCall {
  readonly identity: string;
  readonly at: Date;
  /** By the clock of AWS. */
  readonly awsAt: Date;
}

export class FakeTokenMinter implements TokenMinter {
  readonly calls: MintCall[] = [];
  lifeMs = 12 * 3_600_000;
  /** False: answers carry an expiry that is our own guess. */
  expiryTrusted = true;
  /** How far the clock of AWS is ahead of ours. */
  skewMs = 0;
  /** How many calls are being answered now, and the most that ever were at once. */
  inFlight = 0;
  maxInFlight = 0;
  readonly #inFlightOf = new Map<string, { now: number; max: number }>();
  readonly #clock: Clock;
  readonly #word: string;
  readonly #failures: unknown[] = [];
  readonly #refused = new Map<string, unknown>();
  #hung: (() => void)[] | undefined;

  /** `word`: what every token begins with. */
  constructor(clock: Clock, word = 'token') {
    this.#clock = clock;
    this.#word = word;
  }

  /** The next calls fail with this. */
  failNext(error: unknown, times = 1): void {
    for (let n = 0; n < times; n++) this.#failures.push(error);
  }

  /** From now on every call of this identity fails with this. */
  refuse(identity: Pick<Identity, 'hash'>, error: unknown): void {
    this.#refused.set(identity.hash, error);
  }

  /** Everything works again. */
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
    const mintedAt = this.#clock.now();
    const awsAt = new Date(mintedAt.getTime() + this.skewMs);
    this.calls.push({ identity: identity.hash, at: mintedAt, awsAt });
    const number = this.calls.length;
    const ofIdentity = this.#inFlightOf.get(identity.hash) ?? { now: 0, max: 0 };
    this.#inFlightOf.set(identity.hash, ofIdentity);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    ofIdentity.now += 1;
    ofIdentity.max = Math.max(ofIdentity.max, ofIdentity.now);
    try {
      await this.#pass(signal);
      if (this.#failures.length > 0) throw this.#failures.shift();
      if (this.#refused.has(identity.hash)) throw this.#refused.get(identity.hash);
      const { expiresAt, trusted } = believeExpiry({
        mintedAt,
        arrivedAt: this.#clock.now(),
        expiresAt: new Date(awsAt.getTime() + this.lifeMs),
      });
      return {
        identity,
        authorization: new SecretText(btoa(`AWS:${this.#word}-${number}`)),
        mintedAt,
        expiresAt,
        expiryTrusted: this.expiryTrusted && trusted,
        ownRegistry: `123456789012.dkr.ecr.${identity.region}.amazonaws.com`,
      };
    } finally {
      this.inFlight -= 1;
      ofIdentity.now -= 1;
    }
  }

  /** As `maxInFlight`, of one identity. */
  maxInFlightOf(hash: string): number {
    return this.#inFlightOf.get(hash)?.max ?? 0;
  }

  /** Which of the numbered tokens this is. */
  static numberOf(token: RegistryToken): number {
    return Number(/\d+$/.exec(atob(token.authorization.reveal()))?.[0]);
  }

  #pass(signal: AbortSignal): Promise<void> {
    const hung = this.#hung;
    if (hung === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      hung.push(resolve);
      signal.addEventListener('abort', () => reject(new Error('aborted by the caller')), {
        once: true,
      });
    });
  }
}
