/**
 * ECR as the processes of a run see it: a call is one event there and one event back, and fails, hangs and lies as the
 * weather decides. The product's own code interprets answers and errors (`parseEcrAnswer`, `takeToken`, `awsError`).
 */
import { awsError } from '../../../../src/aws/errors/aws-errors.ts';
import { type EcrAnswer, parseEcrAnswer } from '../../../../src/aws/ecr/ecr-answer.ts';
import { takeToken } from '../../../../src/aws/ecr/take-token.ts';
import type { TokenMinter } from '../../../../src/controller/ports/token-minter.ts';
import type { Identity } from '../../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import { CANARY } from '../../../support/suite/canary.ts';
import { identityNameOf } from '../model/config-model.ts';
import type { ProcessClock } from '../../../support/ports/process-clock.ts';
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import type { RandomStream } from '../random-stream.ts';
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import type { EcrCondition, Weather } from '../weather/weather.ts';

/** What AWS knows about a token that it issued. */
export interface IssuedToken {
  readonly number: number;
  /** The identity and region that asked for it, in the format of `identityNameOf`. */
  readonly identity: string;
  /** The product's name for that identity. */
  readonly hash: string;
  readonly issuedMs: number;
  /** When it stops working. */
  readonly expiresMs: number;
  /** The expiry in the answer is true. */
  readonly isHonest: boolean;
}

/** By the `auth` of a dockerconfigjson entry. */
export type IssuedTokens = ReadonlyMap<string, IssuedToken>;

/** The outcome of a call: a token, perhaps with an odd expiry, or none. */
export type MintResult = 'token' | 'doubtful' | 'none';

export interface MintObserver {
  mintBegins(process: string, identity: string): void;
  mintEnds(process: string, identity: string, result: MintResult): void;
}

interface Caller {
  readonly name: string;
  readonly clock: ProcessClock;
}

interface RawAnswer {
  readonly authorizationToken?: string;
  readonly proxyEndpoint?: string;
  readonly expiresAt?: Date | undefined;
}

type Reply = Error | readonly RawAnswer[];

const HOUR_MS = 3_600_000;
/** Part of AWS' messages: must not appear in any Event. */
export const FOREIGN_ROLE = 'role-of-somebody';

export class SimulatedEcr {
  readonly #issued = new Map<string, IssuedToken>();
  lifeMs = 12 * HOUR_MS;
  readonly #time: VirtualClock;
  readonly #random: RandomStream;
  readonly #weather: Weather;
  readonly #observer: MintObserver;

  constructor(deps: {
    readonly time: VirtualClock;
    readonly random: RandomStream;
    readonly weather: Weather;
    readonly observer: MintObserver;
  }) {
    this.#time = deps.time;
    this.#random = deps.random;
    this.#weather = deps.weather;
    this.#observer = deps.observer;
  }

  get issued(): IssuedTokens {
    return this.#issued;
  }

  minterOf(caller: Caller): TokenMinter {
    return { mint: (identity, signal) => this.#mint(caller, identity, signal) };
  }

  async #mint(caller: Caller, identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    const name = nameOf(identity);
    this.#observer.mintBegins(caller.name, name);
    let result: MintResult = 'none';
    try {
      const ask = (): Promise<EcrAnswer> => this.#ask(caller, identity, signal);
      const token = await takeToken(identity, caller.clock, ask);
      result = token.expiryTrusted ? 'token' : 'doubtful';
      return token;
    } finally {
      this.#observer.mintEnds(caller.name, name, result);
    }
  }

  async #ask(caller: Caller, identity: Identity, signal: AbortSignal): Promise<EcrAnswer> {
    const reply = await this.#call(caller, identity, signal);
    if (reply instanceof Error) throw awsError(reply, identity);
    return parseEcrAnswer({ authorizationData: [...reply] }, identity.region);
  }

  #call(caller: Caller, identity: Identity, signal: AbortSignal): Promise<Reply> {
    const isSlow = this.#has('slowEcr', identity);
    const hopMs = (): number =>
      isSlow ? this.#random.between(500, 6_000) : this.#random.between(5, 80);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      this.#time.after(hopMs(), () => {
        if (this.#has('hanging', identity)) return;
        const reply = this.#reply(identity);
        caller.clock.after(hopMs(), () => resolve(reply));
      });
    });
  }

  #has(kind: EcrCondition, identity: Identity): boolean {
    return this.#weather.has(kind, undefined, nameOf(identity));
  }

  #reply(identity: Identity): Reply {
    if (this.#has('throttled', identity) && this.#random.chance(0.9)) {
      return sdkError('ThrottlingException', 400);
    }
    if (this.#has('refused', identity)) return sdkError('AccessDeniedException', 400);
    return this.#has('junk', identity) ? this.#junk(identity) : [this.#issue(identity)];
  }

  #issue(identity: Identity): RawAnswer {
    const { region, hash } = identity;
    const issuedMs = Math.floor(this.#time.monotonicMs());
    const number = this.#issued.size + 1;
    const isHonest = !this.#has('oddExpiry', identity);
    const authorizationToken = btoa(`AWS:${CANARY}-${number}`);
    // DESIGN.md 6: an expiry that is not credible counts as one hour after the mint; so the token really lives that
    // long.
    const expiresMs = issuedMs + (isHonest ? this.lifeMs : Math.max(this.lifeMs, HOUR_MS + 60_000));
    const about = { number, identity: nameOf(identity), hash, issuedMs, expiresMs, isHonest };
    this.#issued.set(authorizationToken, about);
    const proxyEndpoint = `https://123456789012.dkr.ecr.${region}.amazonaws.com`;
    const toldMs = isHonest
      ? expiresMs - issuedMs
      : this.#random.pick([undefined, -HOUR_MS, 30 * HOUR_MS]);
    const expiresAt = toldMs === undefined ? undefined : new Date(EPOCH_MS + issuedMs + toldMs);
    return { authorizationToken, proxyEndpoint, expiresAt };
  }

  #junk(identity: Identity): readonly RawAnswer[] {
    const good = this.#issue(identity);
    return this.#random.pick<readonly RawAnswer[]>([
      [],
      [good, good],
      [{ ...good, authorizationToken: '' }],
      [{ ...good, authorizationToken: 'no base64' }],
      [{ ...good, authorizationToken: btoa('AWS:') }],
      [{ ...good, proxyEndpoint: 'https://example.com' }],
    ]);
  }
}

function nameOf({ region, assumeRole }: Identity): string {
  return identityNameOf(region, assumeRole.at(-1)?.roleArn.split('/').at(-1));
}

/** As the SDK throws it, with AWS' own wording, which names the caller. */
function sdkError(name: string, httpStatusCode: number): Error {
  const requestId = '11111111-2222-4333-8444-555555555555';
  const message = `User: arn:aws:sts::999999999999:assumed-role/${FOREIGN_ROLE}/s is not authorized`;
  return Object.assign(new Error(`${name}: ${message}`), {
    name,
    $metadata: { httpStatusCode, requestId },
  });
}
