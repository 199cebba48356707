/** When the next mint for an identity may begin: not too soon after the last one, and later after each failure. */
import { backoffMs } from '../../base/backoff.ts';
import type { Random } from '../../base/clock.ts';
import type { ControllerError } from '../../domain/errors.ts';

/** However many requests for a refresh come in, AWS gets one call in this time. */
const MINT_SPACING_MS = 10_000;

const FIRST_BACK_OFF_MS = 1_000;
/** Recovery must take no longer than this after an outage, whatever its kind and length. */
const LONGEST_BACK_OFF_MS = 60_000;
/** An outage may end when the live token has little time left: the rest must be enough for more than one attempt. */
const PART_OF_LIFE_LEFT = 1 / 3;

/** A namespace that needs a token asks again as soon as it may: with no failure in this time, nobody needs one. */
const STILL_NEEDED_MS = 5 * LONGEST_BACK_OFF_MS;

interface Pause {
  readonly from: Date;
  readonly until: Date;
}

export class MintPacing {
  readonly #random: Random;
  #spacing: Pause | undefined;
  #backOff: Pause | undefined;
  #failures = 0;
  #hasRecovered = false;
  #failedAt: Date | undefined;
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
  isFailing(now: Date): boolean | undefined {
    if (this.#failedAt === undefined) return this.#hasRecovered ? false : undefined;
    return now.getTime() - this.#failedAt.getTime() < STILL_NEEDED_MS;
  }

  /** Until when no mint may begin; `undefined`: one may begin now. */
  blockedUntil(now: Date): Date | undefined {
    const pauses = [this.#spacing, this.#backOff].filter(
      // A pause that begins in the future is from before the clock was set back: it would last for hours.
      (pause) => pause !== undefined && pause.from <= now && now < pause.until,
    );
    const ends = pauses.map((pause) => pause?.until.getTime() ?? 0);
    return ends.length === 0 ? undefined : new Date(Math.max(...ends));
  }

  /** To be called when AWS has given a token to the call that was sent at `sentAt`. */
  minted(sentAt: Date): void {
    this.#spacing = pause(sentAt, MINT_SPACING_MS);
  }

  /** To be called when that token is believed. */
  recovered(): void {
    this.#backOff = undefined;
    this.#failures = 0;
    this.#hasRecovered = true;
    this.#failedAt = undefined;
    this.#lastFailure = undefined;
  }

  /** `liveUntil`: when the cached token expires; `undefined` if there is none. */
  failed(failure: ControllerError, now: Date, liveUntil: Date | undefined): void {
    this.#failures += 1;
    this.#failedAt = now;
    this.#lastFailure = failure;
    // Jitter takes up to half of the delay away: retries are spread out, but never immediate.
    const limits = {
      firstMs: FIRST_BACK_OFF_MS,
      longestMs: longestBackOffMs(now, liveUntil),
      jitter: 0.5,
    };
    this.#backOff = pause(now, backoffMs(this.#failures, limits, this.#random));
  }
}

function longestBackOffMs(now: Date, liveUntil: Date | undefined): number {
  const leftMs = (liveUntil?.getTime() ?? 0) - now.getTime();
  if (leftMs <= 0) return LONGEST_BACK_OFF_MS;
  const partMs = Math.max(FIRST_BACK_OFF_MS, leftMs * PART_OF_LIFE_LEFT);
  return Math.min(LONGEST_BACK_OFF_MS, partMs);
}

function pause(from: Date, durationMs: number): Pause {
  return { from, until: new Date(from.getTime() + durationMs) };
}
