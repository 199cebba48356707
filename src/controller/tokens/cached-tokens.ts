/** The tokens of one identity that this process holds, and which of them a need gets. Only ever in memory. */
import type { RegistryToken } from '../../domain/token/registry-token.ts';
import { isFresh, isUsable, type TokenNeed } from '../../domain/token/token-need.ts';

export class CachedTokens {
  /** The believed one; while it lives, only a believed one that lives longer takes its place. */
  #best: RegistryToken | undefined;
  /** The last one that was not believed: better than nothing, and only than that. */
  #doubtful: RegistryToken | undefined;

  /**
   * Takes a newly minted token in. False where it is not to be believed: its expiry is our own guess, is past, or is not
   * later than that of the live one that was minted before it (an answer from somebody's cache, or a clock gone wrong).
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

  /** When no better one is to be had: for a Secret without a live token, one that is already due beats none. */
  makeDo(need: TokenNeed, now: Date): RegistryToken | undefined {
    if (need.holdsLiveToken) return undefined;
    return this.#candidates(need).find((token) => isUsable(token, need, now));
  }

  /** The live one, whoever may have it. */
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
