/** When a token is due for a namespace, from the times of AWS's answer alone; and which expiry dates are believed. */
import { hash } from 'node:crypto';
import type { RefreshSettings } from '../settings.ts';

/** The lifetime assumed if an expiry can't be believed: short compared with the usual 12 hours, long enough to work with. */
const ASSUMED_LIFETIME_MS = 60 * 60_000;

/** ECR tokens live 12 hours. An expiry more than twice that away means that a clock is wrong, ours or AWS's. */
const LONGEST_BELIEVED_LIFETIME_MS = 24 * 60 * 60_000;

/** How far the clocks of two leaders may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What `dueAt` needs to know about a token or a record. */
export interface TokenLifetime {
  readonly mintedAt: Date;
  readonly expiresAt: Date;
}

/** A number in [0, 1): constant for the namespace with this UID, and evenly spread over namespaces. */
export function jitterOf(uid: string): number {
  return hash('sha256', uid, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}

/**
 * When a namespace should replace this token with a newer one: after a fraction of the token's own lifetime, however short,
 * plus up to `jitterFraction` of it, so that the first of many namespaces mints and the others take the same token.
 */
export function dueAt(token: TokenLifetime, jitter: number, refresh: RefreshSettings): Date {
  const lifetimeMs = token.expiresAt.getTime() - token.mintedAt.getTime();
  const fraction = refresh.atLifetimeFraction + refresh.jitterFraction * jitter;
  return new Date(token.mintedAt.getTime() + lifetimeMs * fraction);
}

/** Whether a clock that has since been set back dated the token. Its dates can't be trusted, so it counts as due. */
export function isFromFuture({ mintedAt }: TokenLifetime, now: Date): boolean {
  return mintedAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS;
}

/**
 * The expiry to use. One that is missing, invalid, past on arrival or more than a day away is replaced by one hour after
 * the mint and marked as not trusted. Any other is believed and used as it is, however short.
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
