/** The cached tokens of one identity, only ever in memory, and which of them meets a need. */
import type { RegistryToken } from '../../domain/token/registry-token.ts';
import { isFresh, isUsable, type TokenNeed } from '../../domain/token/token-need.ts';

export class CachedTokens {
  /** The believed token; while it is live, only a believed one that expires later replaces it. */
  #best: RegistryToken | undefined;
  /** The last token that was not believed: a last resort, better only than no token. */
  #doubtful: RegistryToken | undefined;

  /**
   * Caches a newly minted token. False if it is not believed: its expiry is our own guess, is past, or is not later than
   * that of the live token that was minted before it (an answer from somebody's cache, or a wrong clock).
   */
  accept(token: RegistryToken, now: Date): boolean {
    const best = live(this.#best, now);
    const isBelieved =
      token.expiryTrusted &&
      token.expiresAt > now &&
      (best === undefined || token.expiresAt > best.expiresAt);
    if (isBelieved) {
      this.#best = token;
      this.#doubtful = undefined;
    } else {
      this.#doubtful = token;
    }
    return isBelieved;
  }

  /** The token that meets the need in full. */
  choose(need: TokenNeed, now: Date): RegistryToken | undefined {
    return this.#candidates(need).find((token) => isFresh(token, need, now));
  }

  /** A substitute if no such token is available: for a Secret without a live token, one that is already due beats none. */
  substitute(need: TokenNeed, now: Date): RegistryToken | undefined {
    if (need.holdsLiveToken) return undefined;
    return this.#candidates(need).find((token) => isUsable(token, need, now));
  }

  /** The live token, whatever the need. */
  current(now: Date): RegistryToken | undefined {
    return live(this.#best, now) ?? live(this.#doubtful, now);
  }

  #candidates(need: TokenNeed): readonly RegistryToken[] {
    const doubtful = need.holdsLiveToken ? undefined : this.#doubtful;
    return [this.#best, doubtful].filter((token) => token !== undefined);
  }
}

function live(token: RegistryToken | undefined, now: Date): RegistryToken | undefined {
  return token !== undefined && token.expiresAt > now ? token : undefined;
}
