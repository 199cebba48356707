/** What a namespace needs of a token, and whether a given one will do. */
import { dueAt, isFromFuture } from './refresh-policy.ts';
import type { RegistryToken } from './registry-token.ts';
import type { Grant, RefreshSettings } from './settings.ts';

export interface TokenNeed {
  /** Whose mint it is in the metrics, if this need causes one. */
  readonly profile: string;
  readonly grant: Grant;
  /** The namespace's own, in [0, 1): see `jitterOf`. */
  readonly jitter: number;
  /** Of the configuration that the plan was made with. */
  readonly refresh: RefreshSettings;
  /** The later of the Secret's own `mintedAt` and a refresh request's moment less its tolerance; `undefined`: any will do. */
  readonly notBefore: Date | undefined;
  /** The expiry of the Secret's own: what expires earlier is older, whatever the clocks of two processes say of it. */
  readonly notOutlivedBy: Date | undefined;
  /** The expiry of a Secret's token that is dated in the future: what expires later was minted later. */
  readonly outlives: Date | undefined;
  /** The Secret holds a live token of this identity: nothing doubtful may replace it. */
  readonly holdsLiveToken: boolean;
}

/**
 * A date from the future is of a clock that went back. It proves nothing, but must not make a mint for each of many
 * namespaces: a token of the last moments will do.
 */
const FUTURE_TOLERANCE_MS = 10_000;

/** Live, and new enough. */
export function isUsable(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  if (token.expiresAt <= now) return false;
  const lastMomentsMs = now.getTime() - FUTURE_TOLERANCE_MS;
  const mintedMs = token.mintedAt.getTime();
  // One that is dated in the future is of before the clock went back, and may be of any age.
  const isOfLastMoments = mintedMs >= lastMomentsMs && mintedMs <= now.getTime();
  const { outlives, notOutlivedBy } = need;
  if (outlives !== undefined && token.expiresAt <= outlives && !isOfLastMoments) return false;
  if (notOutlivedBy !== undefined && token.expiresAt < notOutlivedBy && !isOfLastMoments) {
    return false;
  }
  if (need.notBefore === undefined) return true;
  return mintedMs >= (need.notBefore > now ? lastMomentsMs : need.notBefore.getTime());
}

/** Usable, and not itself due for this namespace. */
export function isFresh(token: RegistryToken, need: TokenNeed, now: Date): boolean {
  return (
    isUsable(token, need, now) &&
    !isFromFuture(token, now) &&
    now < dueAt(token, need.jitter, need.refresh)
  );
}
