/** One token per identity, shared by everything that needs it: one mint at a time, paced, never worse than the last. */
import type { Clock, Random } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';
import { ControllerError, StalledError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/identity.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';
import { after } from '../../domain/times.ts';
import type { TokenNeed } from '../../domain/token/token-need.ts';
import { CachedTokens } from './cached-tokens.ts';
import { mintTimedOut, resultOf, unexpected, untrustedExpiry } from './mint-errors.ts';
import { MintPacing } from './mint-pacing.ts';
import type { Measurements } from '../ports/measurements.ts';
import type { TokenMinter } from '../ports/token-minter.ts';
import type { TokenAnswer } from './token-answer.ts';

/** For credentials and ECR together. By then the failure is reported, and the next attempt starts with new connections. */
const MINT_DEADLINE_MS = 10_000;

/** A failure that lasts is logged this often: with every attempt, it would fill the log. */
const REPORT_EVERY_MS = 5 * 60_000;

interface Dependencies {
  readonly minter: TokenMinter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly measurements: Pick<Measurements, 'tokenRequested'>;
}

interface Slot {
  readonly tokens: CachedTokens;
  readonly pacing: MintPacing;
  /** The mint under way, for everything that needs it. Never rejects. */
  mint: Promise<void> | undefined;
}

/**
 * The tokens of this process, by identity. Every pass may call it at any time; each call answers at once, and none throws:
 * the failure of a mint is logged, counted, and part of the answers until a mint succeeds.
 *
 * For each identity, at most one mint is under way, for at most 10 s. The next one begins at least 10 s after one that gave
 * a token, and after a growing delay of up to a minute after one that failed, or of five seconds from call to call while a
 * Secret without a live token waits for it and no person must act. A token goes to a need only if it is at least
 * as new as what the Secret holds, and one whose expiry can't be believed never replaces a live one.
 *
 * Everything is in memory and outlives the leadership terms. After a crash, the next process mints once for each identity
 * when a Secret needs it; the tokens in the Secrets stay as they are.
 */
export class TokenStore {
  readonly #deps: Dependencies;
  readonly #slots = new Map<string, Slot>();
  /** By the identity's hash. */
  readonly #reported = new DuplicateFilter(REPORT_EVERY_MS);
  readonly #lifetime = new AbortController();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The live token of this identity, if one is cached. It may be due already. Never causes a mint. */
  cached({ hash }: Pick<Identity, 'hash'>): RegistryToken | undefined {
    return this.#slots.get(hash)?.tokens.current(this.#deps.clock.now());
  }

  /** Whether this identity gets no token although one is needed; `undefined` before its first mint. */
  isFailing({ hash }: Pick<Identity, 'hash'>): boolean | undefined {
    return this.#slots.get(hash)?.pacing.isFailing(this.#deps.clock.monotonicMs());
  }

  /**
   * What is available for this need now. If a mint is needed and allowed, one begins, unless one is under way already for
   * this identity. It goes on even if the caller loses interest. Ask again when it has settled.
   */
  take(need: TokenNeed): TokenAnswer {
    const now = this.#deps.clock.now();
    const slot = this.#slotOf(need.login.identity);
    const token = slot.tokens.choose(need, now);
    if (token !== undefined) return { kind: 'token', token };
    const failure = slot.pacing.lastFailure;
    const substitute = slot.tokens.substitute(need, now);
    const isWaitedFor = !need.holdsLiveToken && substitute === undefined;
    // A mint under way was allowed when it began.
    const blockedUntil =
      slot.mint === undefined ? this.#blockedUntil(slot, isWaitedFor, now) : undefined;
    if (blockedUntil === undefined) {
      slot.mint ??= this.#startMint(slot, need);
      return {
        kind: 'minting',
        settled: slot.mint,
        until: after(now, MINT_DEADLINE_MS),
        failure,
      };
    }
    if (substitute !== undefined) return { kind: 'token', token: substitute };
    return { kind: 'blocked', until: blockedUntil, failure };
  }

  /** Drops the tokens of identities that are no longer configured, once nothing is minted for them. */
  keepOnly(hashes: ReadonlySet<string>): void {
    for (const [hash, { mint }] of this.#slots) {
      if (hashes.has(hash) || mint !== undefined) continue;
      this.#slots.delete(hash);
      this.#reported.forget(hash);
      this.#deps.minter.forget?.(hash);
    }
  }

  /** Aborts the mints under way. Nothing is minted afterwards; cached tokens are still given. */
  stop(): void {
    this.#lifetime.abort();
  }

  #blockedUntil(slot: Slot, isWaitedFor: boolean, now: Date): Date | undefined {
    if (this.#lifetime.signal.aborted) return after(now, MINT_DEADLINE_MS);
    const blockedMs = slot.pacing.blockedForMs(this.#deps.clock.monotonicMs(), isWaitedFor);
    return blockedMs === 0 ? undefined : after(now, blockedMs);
  }

  #startMint(slot: Slot, need: TokenNeed): Promise<void> {
    return this.#mint(slot, need)
      .catch((err: unknown) => {
        this.#deps.log.error({ ...fieldsOf(need), err }, 'mint ended with a program fault');
      })
      .finally(() => {
        slot.mint = undefined;
      });
  }

  async #mint(slot: Slot, need: TokenNeed): Promise<void> {
    const { clock, minter } = this.#deps;
    const { identity } = need.login;
    const startedMs = clock.monotonicMs();
    const limits = {
      limitMs: MINT_DEADLINE_MS,
      parent: this.#lifetime.signal,
      timeoutError: () => mintTimedOut(identity, MINT_DEADLINE_MS),
    };
    try {
      const mint = (signal: AbortSignal): Promise<RegistryToken> => minter.mint(identity, signal);
      const token = await withDeadline(clock, limits, mint);
      this.#accept(slot, need, token, startedMs);
    } catch (error) {
      if (this.#lifetime.signal.aborted) return;
      this.#fail(slot, need, asControllerError(identity, error), startedMs);
    }
  }

  #accept(slot: Slot, need: TokenNeed, token: RegistryToken, startedMs: number): void {
    slot.pacing.minted(startedMs);
    if (!slot.tokens.accept(token, this.#deps.clock.now())) {
      this.#fail(slot, need, untrustedExpiry(need.login.identity), startedMs);
      return;
    }
    slot.pacing.recovered();
    this.#reported.forget(need.login.identity.hash);
    this.#deps.measurements.tokenRequested(need.profile, 'success', this.#since(startedMs));
    this.#deps.log.info({ ...fieldsOf(need), expiresAt: token.expiresAt }, 'token minted');
  }

  #fail(slot: Slot, need: TokenNeed, failure: ControllerError, startedMs: number): void {
    const { clock, log } = this.#deps;
    const [now, nowMs] = [clock.now(), clock.monotonicMs()];
    const current = slot.tokens.current(now);
    const liveForMs = current && current.expiresAt.getTime() - now.getTime();
    slot.pacing.failed(failure, { sentAtMs: startedMs, nowMs, liveForMs });
    this.#deps.measurements.tokenRequested(need.profile, resultOf(failure), this.#since(startedMs));
    const { code, message, fix } = failure;
    const until = after(now, slot.pacing.blockedForMs(nowMs, !need.holdsLiveToken));
    const fields = {
      ...fieldsOf(need),
      code,
      message,
      fix,
      attempt: slot.pacing.failures,
      until,
    };
    const isNews = this.#reported.isNews(need.login.identity.hash, code, nowMs);
    if (!isNews) log.debug(fields, 'minting token failed again');
    else if (failure instanceof StalledError) log.error(fields, 'minting token failed');
    else log.warn(fields, 'minting token failed');
  }

  #since(startedMs: number): number {
    return this.#deps.clock.monotonicMs() - startedMs;
  }

  #slotOf(identity: Identity): Slot {
    const known = this.#slots.get(identity.hash);
    if (known !== undefined) return known;
    const slot: Slot = {
      tokens: new CachedTokens(),
      pacing: new MintPacing(this.#deps.random),
      mint: undefined,
    };
    this.#slots.set(identity.hash, slot);
    return slot;
  }
}

function fieldsOf({ profile, login: { identity } }: TokenNeed): Record<string, string> {
  return { profile, region: identity.region, identity: identity.hash.slice(0, 12) };
}

function asControllerError(identity: Identity, error: unknown): ControllerError {
  return error instanceof ControllerError ? error : unexpected(identity, error);
}
