/** One token per identity for everybody who needs it: single flight, paced, never a worse one for a better one. */
import { ControllerError, StalledError, type WaitingError } from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';
import type { RegistryToken } from '../domain/registry-token.ts';
import { HeldTokens } from './held-tokens.ts';
import {
  abandoned,
  mintTimedOut,
  mintUnderWay,
  resultOf,
  unexpected,
  untrustedExpiry,
  waitingForToken,
} from './mint-errors.ts';
import { MintPacing } from './mint-pacing.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Measurements, TokenMinter } from './ports.ts';
import { ToldFailure } from './told-failure.ts';
import type { TokenNeed } from './token-need.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Credentials and ECR together. Whoever waits is told why by then, and the next attempt starts with new connections. */
const MINT_DEADLINE_MS = 10_000;

/** When a token that was just minted does not do and no pause applies: soon, but not in a loop. */
const LOOK_AGAIN_MS = 1_000;

interface Dependencies {
  readonly minter: TokenMinter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly measurements: Pick<Measurements, 'tokenRequested'>;
}

interface Slot {
  readonly tokens: HeldTokens;
  readonly pacing: MintPacing;
  readonly told: ToldFailure;
  /** The mint that everybody waits for. Never rejects. */
  flight: Promise<void> | undefined;
}

export class TokenStore {
  readonly #deps: Dependencies;
  readonly #slots = new Map<string, Slot>();
  readonly #lifetime = new AbortController();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The live token of this identity, if one is held: no promise that it is fresh. */
  held({ hash }: Pick<Identity, 'hash'>): RegistryToken | undefined {
    return this.#slots.get(hash)?.tokens.current(this.#deps.clock.now());
  }

  /** Whether this identity gets no token, though somebody needs one; `undefined` before its first mint. */
  isFailing({ hash }: Pick<Identity, 'hash'>): boolean | undefined {
    return this.#slots.get(hash)?.pacing.isFailing(this.#deps.clock.now());
  }

  /**
   * The held token if it does, else a new one. Throws a `WaitingError` where none is to be had before `until` (it speaks
   * for the last failure, if there was one), and a `TransientError` when `signal` or the store is stopped. Aborting one
   * caller does not end the mint of the others.
   */
  async obtain(need: TokenNeed, signal: AbortSignal): Promise<RegistryToken> {
    const slot = this.#slotOf(need.identity);
    const held = slot.tokens.choose(need, this.#deps.clock.now());
    if (held !== undefined) return held;
    const anySignal = AbortSignal.any([signal, this.#lifetime.signal]);
    if (anySignal.aborted) throw abandoned(need.identity);
    const flight = this.#fly(slot, need);
    if (flight !== undefined) {
      await unlessAborted(flight, anySignal, () => abandoned(need.identity));
    }
    return this.#best(slot, need);
  }

  /**
   * For those who can't wait: starts the mint that `obtain` would wait for, and gives its end, which never rejects, and
   * what to say meanwhile. `undefined` where `obtain` waits for nothing.
   */
  underWay(
    need: TokenNeed,
  ): { readonly settled: Promise<void>; readonly waiting: WaitingError } | undefined {
    const now = this.#deps.clock.now();
    const slot = this.#slotOf(need.identity);
    if (slot.tokens.choose(need, now) !== undefined) return undefined;
    if (this.#lifetime.signal.aborted) return undefined;
    const settled = this.#fly(slot, need);
    if (settled === undefined) return undefined;
    const until = new Date(now.getTime() + MINT_DEADLINE_MS);
    return { settled, waiting: mintUnderWay(need.identity, slot.pacing.lastFailure, until) };
  }

  /** Ends what is in flight. Nothing is minted afterwards. */
  stop(): void {
    this.#lifetime.abort();
  }

  /** The mint that is under way, or a new one; `undefined` while none is allowed. */
  #fly(slot: Slot, need: TokenNeed): Promise<void> | undefined {
    if (
      slot.flight === undefined &&
      slot.pacing.blockedUntil(this.#deps.clock.now()) === undefined
    ) {
      slot.flight = this.#mint(slot, need).finally(() => {
        slot.flight = undefined;
      });
    }
    return slot.flight;
  }

  #best(slot: Slot, need: TokenNeed): RegistryToken {
    const now = this.#deps.clock.now();
    const token = slot.tokens.choose(need, now) ?? slot.tokens.makeDo(need, now);
    if (token !== undefined) return token;
    const until = slot.pacing.blockedUntil(now) ?? new Date(now.getTime() + LOOK_AGAIN_MS);
    throw waitingForToken(need.identity, slot.pacing.lastFailure, until);
  }

  async #mint(slot: Slot, need: TokenNeed): Promise<void> {
    const { clock, minter } = this.#deps;
    const startedAt = clock.now();
    const deadline = new AbortController();
    const cancel = clock.after(MINT_DEADLINE_MS, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, this.#lifetime.signal]);
    try {
      const minting = minter.mint(need.identity, signal);
      const token = await unlessAborted(minting, signal, () => abandoned(need.identity));
      this.#take(slot, need, token, startedAt);
    } catch (error) {
      if (this.#lifetime.signal.aborted) return;
      const failure = deadline.signal.aborted
        ? mintTimedOut(need.identity, MINT_DEADLINE_MS)
        : asControllerError(need.identity, error);
      this.#fail(slot, need, failure, startedAt);
    } finally {
      cancel();
    }
  }

  #take(slot: Slot, need: TokenNeed, token: RegistryToken, startedAt: Date): void {
    slot.pacing.minted(startedAt);
    if (!slot.tokens.accept(token, this.#deps.clock.now())) {
      this.#fail(slot, need, untrustedExpiry(need.identity), startedAt);
      return;
    }
    slot.pacing.recovered();
    slot.told.forget();
    this.#deps.measurements.tokenRequested(need.profile, 'success', this.#since(startedAt));
    this.#deps.log.info({ ...fieldsOf(need), expiresAt: token.expiresAt }, 'token minted');
  }

  #fail(slot: Slot, need: TokenNeed, failure: ControllerError, startedAt: Date): void {
    const now = this.#deps.clock.now();
    slot.pacing.failed(failure, now, slot.tokens.current(now)?.expiresAt);
    this.#deps.measurements.tokenRequested(need.profile, resultOf(failure), this.#since(startedAt));
    const { code, message, remedy } = failure;
    const until = slot.pacing.blockedUntil(now);
    const fields = {
      ...fieldsOf(need),
      code,
      reason: message,
      remedy,
      attempt: slot.pacing.failures,
      until,
    };
    const { log } = this.#deps;
    if (!slot.told.isNews(failure, now)) log.debug(fields, 'minting token failed again');
    else if (failure instanceof StalledError) log.error(fields, 'minting token failed');
    else log.warn(fields, 'minting token failed');
  }

  #since(startedAt: Date): number {
    return Math.max(0, this.#deps.clock.now().getTime() - startedAt.getTime());
  }

  #slotOf(identity: Identity): Slot {
    const known = this.#slots.get(identity.hash);
    if (known !== undefined) return known;
    const slot: Slot = {
      tokens: new HeldTokens(),
      pacing: new MintPacing(this.#deps.random),
      told: new ToldFailure(),
      flight: undefined,
    };
    this.#slots.set(identity.hash, slot);
    return slot;
  }
}

function fieldsOf({ identity, profile }: TokenNeed): Record<string, string> {
  return { profile, region: identity.region, identity: identity.hash.slice(0, 12) };
}

function asControllerError(identity: Identity, error: unknown): ControllerError {
  return error instanceof ControllerError ? error : unexpected(identity, error);
}
