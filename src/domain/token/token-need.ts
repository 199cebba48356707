/** What a namespace needs from a token, and whether a given token meets it. */
import { dueAt, isFromFuture } from './refresh-policy.ts';
import type { RegistryToken } from './registry-token.ts';
import type { RegistryLogin, RefreshSettings } from '../settings.ts';

export interface TokenNeed {
  /** The profile that the metrics count the mint for, if this need causes one. */
  readonly profile: string;
  readonly login: RegistryLogin;
  /** The namespace's own, in [0, 1): see `jitterOf`. */
  readonly jitter: number;
  /** Of the configuration that the plan was made with. */
  readonly refresh: RefreshSettings;
  /**
   * The earliest mint time that is new enough: the later of the newest mint time that the Secret has for this identity,
   * unless that lies in the future, and the time of the refresh request, less its tolerance. `undefined`: any.
   */
  readonly notBefore: Date | undefined;
  /** The Secret's latest expiry for this identity: what expires earlier is older, whatever two processes' clocks say. */
  readonly notOutlivedBy: Date | undefined;
  /** The Secret holds a live token of this identity: nothing doubtful may replace it. */
  readonly holdsLiveToken: boolean;
}

/**
 * A mint time in the future comes from a clock that was since set back. It proves nothing, but it must not cause a mint
 * for each of many namespaces: a token minted within this time is new enough.
 */
const FUTURE_TOLERANCE_MS = 10_000;

/**
 * Whether the token is live and new enough. AWS's expiry orders the tokens of one identity, but alone it is not enough. An
 * expiry that was not believed is a guess by our own clock: if that clock was a day ahead, the guess lies beyond the
 * expiry of all tokens to come, and none would ever be new enough. So a token minted in the last moments need not live
 * longer. And if two leaders both minted in the last moments, the mint time keeps the older token from replacing the
 * newer one.
 */
export function isUsable(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  if (token.expiresAt <= now) return false;
  const { notBefore, notOutlivedBy } = need;
  const lastMomentsMs = now.getTime() - FUTURE_TOLERANCE_MS;
  const mintedMs = token.mintedAt.getTime();
  // A token dated in the future was minted before the clock was set back, and may be of any age.
  const isOfLastMoments = mintedMs >= lastMomentsMs && mintedMs <= now.getTime();
  const isOutlived = notOutlivedBy !== undefined && token.expiresAt < notOutlivedBy;
  if (isOutlived && !isOfLastMoments) return false;
  if (notBefore === undefined) return true;
  return mintedMs >= (notBefore > now ? lastMomentsMs : notBefore.getTime());
}

/** Whether the token is usable and not itself due for this namespace. */
export function isFresh(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  return (
    isUsable(token, need, now) &&
    !isFromFuture(token, now) &&
    now < dueAt(token, need.jitter, need.refresh)
  );
}
