/** When the next mint for an identity may begin: not too soon after the last one, and later after each failure. */
import { backoffMs } from '../../base/backoff.ts';
import type { Random } from '../../base/clock.ts';
import { type ControllerError, StalledError } from '../../domain/errors.ts';

/** However many requests for a refresh come in, AWS gets one call in this time. */
const MINT_SPACING_MS = 10_000;

const FIRST_BACK_OFF_MS = 1_000;
/** Recovery must take no longer than this after an outage, whatever its kind and length. */
const LONGEST_BACK_OFF_MS = 60_000;
/** While somebody waits who has no live token, AWS gets one call in this time: that is cheap, and serves them soon. */
const WAITED_FOR_SPACING_MS = 5_000;
/** An outage may end when the live token has little time left: the rest must be enough for more than one attempt. */
const PART_OF_LIFE_LEFT = 1 / 3;

/** A namespace that needs a token asks again as soon as it may: with no failure in this time, nobody needs one. */
const STILL_NEEDED_MS = 5 * LONGEST_BACK_OFF_MS;

/** All its times are monotonic: a wall clock that is set neither ends a pause nor prolongs it. */
export class MintPacing {
  readonly #random: Random;
  #spacingEndsMs = -Infinity;
  #backOffEndsMs = -Infinity;
  /** For those who have no live token. */
  #shortBackOffEndsMs = -Infinity;
  #failures = 0;
  #hasRecovered = false;
  #failedAtMs: number | undefined;
  #lastFailure: ControllerError | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Why the last attempt failed; `undefined` after a success. */
  get lastFailure(): ControllerError | undefined {
    return this.#lastFailure;
  }

  /** How many attempts in a row have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the last attempt failed, and not long ago; `undefined` before the first. */
  isFailing(nowMs: number): boolean | undefined {
    if (this.#failedAtMs === undefined) return this.#hasRecovered ? false : undefined;
    return nowMs - this.#failedAtMs < STILL_NEEDED_MS;
  }

  /**
   * For how many whole milliseconds no mint may begin; 0: one may begin now. `isWaitedFor`: by a Secret without a live
   * token.
   */
  blockedForMs(nowMs: number, isWaitedFor: boolean): number {
    const backOffEndsMs = isWaitedFor ? this.#shortBackOffEndsMs : this.#backOffEndsMs;
    return Math.max(0, Math.ceil(Math.max(this.#spacingEndsMs, backOffEndsMs) - nowMs));
  }

  /** To be called when AWS has given a token to the call that was sent at `sentAtMs`. */
  minted(sentAtMs: number): void {
    this.#spacingEndsMs = sentAtMs + MINT_SPACING_MS;
  }

  /** To be called when that token is believed. */
  recovered(): void {
    this.#backOffEndsMs = -Infinity;
    this.#shortBackOffEndsMs = -Infinity;
    this.#failures = 0;
    this.#hasRecovered = true;
    this.#failedAtMs = undefined;
    this.#lastFailure = undefined;
  }

  /**
   * To be called when the call that was sent at `sentAtMs` has failed. `liveForMs`: how long the cached token is still
   * live; `undefined` if there is none.
   */
  failed(failure: ControllerError, { sentAtMs, nowMs, liveForMs }: FailedCall): void {
    this.#failures += 1;
    this.#failedAtMs = nowMs;
    this.#lastFailure = failure;
    // Jitter takes up to half of the delay away: retries are spread out, but never immediate.
    const limits = {
      firstMs: FIRST_BACK_OFF_MS,
      longestMs: longestBackOffMs(liveForMs ?? 0),
      jitter: 0.5,
    };
    this.#backOffEndsMs = nowMs + backoffMs(this.#failures, limits, this.#random);
    // What needs a person does not pass in seconds, whoever waits for it.
    this.#shortBackOffEndsMs =
      failure instanceof StalledError
        ? this.#backOffEndsMs
        : Math.min(this.#backOffEndsMs, shortBackOffEndsMs(sentAtMs, nowMs));
  }
}

interface FailedCall {
  readonly sentAtMs: number;
  readonly nowMs: number;
  readonly liveForMs: number | undefined;
}

/** Counted from the moment when the call was sent: one that was swallowed has taken its time already. */
function shortBackOffEndsMs(sentAtMs: number, nowMs: number): number {
  return Math.max(sentAtMs + WAITED_FOR_SPACING_MS, nowMs + FIRST_BACK_OFF_MS);
}

function longestBackOffMs(leftMs: number): number {
  if (leftMs <= 0) return LONGEST_BACK_OFF_MS;
  const partMs = Math.max(FIRST_BACK_OFF_MS, leftMs * PART_OF_LIFE_LEFT);
  return Math.min(LONGEST_BACK_OFF_MS, partMs);
}
