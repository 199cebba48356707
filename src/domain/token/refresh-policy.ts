/** When a token is due for a namespace, and which expiry dates are believed. All from the answer, nothing from a constant. */
import { createHash } from 'node:crypto';
import type { RefreshSettings } from '../settings.ts';

/** What an answer counts as whose expiry can't be believed: short beside the usual 12 hours, long enough to work with. */
const ASSUMED_LIFETIME_MS = 60 * 60_000;

/** ECR's tokens live 12 hours; an expiry beyond twice that says that a clock is wrong, ours or theirs. */
const LONGEST_BELIEVED_LIFETIME_MS = 24 * 60 * 60_000;

/** The clocks of two leaders differ a little. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What `dueAt` needs to know of a token, held or recorded. */
export interface TokenLifetime {
  readonly mintedAt: Date;
  readonly expiresAt: Date;
}

/** A number in [0, 1) that stays the same for a namespace and is spread evenly over namespaces. */
export function jitterOf(uid: string): number {
  return createHash('sha256').update(uid).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * From when on a namespace should hold a newer token than this one: a part of this token's own lifetime, however short,
 * and up to `jitterFraction` more, so that the first namespace of many mints and the others take what it got.
 */
export function dueAt(token: TokenLifetime, jitter: number, refresh: RefreshSettings): Date {
  const lifetimeMs = token.expiresAt.getTime() - token.mintedAt.getTime();
  const fraction = refresh.atLifetimeFraction + refresh.jitterFraction * jitter;
  return new Date(token.mintedAt.getTime() + lifetimeMs * fraction);
}

/** Dated by a clock that has gone back since: its dates can't be told to be right, so it is due whatever they say. */
export function isFromFuture({ mintedAt }: TokenLifetime, now: Date): boolean {
  return mintedAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS;
}

/**
 * The expiry to work with. One that is missing, no date, past on arrival or more than a day away is replaced by an hour
 * after the mint and not trusted; a believed one is taken as it is, however short.
 */
export function believeExpiry(answer: {
  readonly mintedAt: Date;
  readonly arrivedAt: Date;
  readonly expiresAt: Date | undefined;
}): { readonly expiresAt: Date; readonly trusted: boolean } {
  const remainingMs = (answer.expiresAt?.getTime() ?? NaN) - answer.arrivedAt.getTime();
  if (
    answer.expiresAt !== undefined &&
    remainingMs > 0 &&
    remainingMs <= LONGEST_BELIEVED_LIFETIME_MS
  ) {
    return { expiresAt: answer.expiresAt, trusted: true };
  }
  return { expiresAt: new Date(answer.mintedAt.getTime() + ASSUMED_LIFETIME_MS), trusted: false };
}
