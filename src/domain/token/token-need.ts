/** What a namespace needs of a token, and whether a given one will do. */
import { dueAt, isFromFuture } from './refresh-policy.ts';
import type { RegistryToken } from './registry-token.ts';
import type { RegistryLogin, RefreshSettings } from '../settings.ts';

export interface TokenNeed {
  /** Whose mint it is in the metrics, if this need causes one. */
  readonly profile: string;
  readonly login: RegistryLogin;
  /** The namespace's own, in [0, 1): see `jitterOf`. */
  readonly jitter: number;
  /** Of the configuration that the plan was made with. */
  readonly refresh: RefreshSettings;
  /**
   * The later of two: when the Secret's newest of this identity was minted, unless that lies in the future, and since
   * when a refresh is requested, less its tolerance. `undefined`: any will do.
   */
  readonly notBefore: Date | undefined;
  /** The last expiry of the Secret's own: what expires earlier is older, whatever the clocks of two processes say of it. */
  readonly notOutlivedBy: Date | undefined;
  /** The Secret holds a live token of this identity: nothing doubtful may replace it. */
  readonly holdsLiveToken: boolean;
}

/**
 * A date from the future is of a clock that went back. It proves nothing, but must not make a mint for each of many
 * namespaces: a token of the last moments will do.
 */
const FUTURE_TOLERANCE_MS = 10_000;

/**
 * Live, and new enough. AWS's expiry orders the tokens of one identity, but not alone. An expiry that was not believed is
 * a guess by our own clock: where that was a day ahead, it lies beyond the expiry of all tokens to come, and none would
 * ever be new enough. So what was minted in the last moments need not live longer. And of two that two leaders have
 * minted in the last moments, the date of the mint keeps the older one from taking the place of the newer.
 */
export function isUsable(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  if (token.expiresAt <= now) return false;
  const { notBefore, notOutlivedBy } = need;
  const lastMomentsMs = now.getTime() - FUTURE_TOLERANCE_MS;
  const mintedMs = token.mintedAt.getTime();
  // One that is dated in the future is of before the clock went back, and may be of any age.
  const isOfLastMoments = mintedMs >= lastMomentsMs && mintedMs <= now.getTime();
  const isOutlived = notOutlivedBy !== undefined && token.expiresAt < notOutlivedBy;
  if (isOutlived && !isOfLastMoments) return false;
  if (notBefore === undefined) return true;
  return mintedMs >= (notBefore > now ? lastMomentsMs : notBefore.getTime());
}

/** Usable, and not itself due for this namespace. */
export function isFresh(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  return (
    isUsable(token, need, now) &&
    !isFromFuture(token, now) &&
    now < dueAt(token, need.jitter, need.refresh)
  );
}
