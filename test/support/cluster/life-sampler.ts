/** Checks every 100 ms whether any Secret holds an expired token. */
import type { PullSecretWatch } from './pull-secret-watch.ts';

const EVERY_MS = 100;

export interface LifeFigures {
  readonly samples: number;
  /** Secrets checked, over all samples. */
  readonly looks: number;
  readonly shortestLifeLeftMs: number;
  /** The longest time between two samples: shows how late the sampler itself was. */
  readonly longestGapMs: number;
  /** `namespace (expired for n ms)`, once per check. */
  readonly expired: readonly string[];
}

export class LifeSampler {
  readonly #watch: PullSecretWatch;
  readonly #timer: NodeJS.Timeout;
  readonly #expired: string[] = [];
  #samples = 0;
  #looks = 0;
  #shortestMs = Infinity;
  #longestGapMs = 0;
  #lastMs = Date.now();

  constructor(watch: PullSecretWatch) {
    this.#watch = watch;
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
  }

  get figures(): LifeFigures {
    return {
      samples: this.#samples,
      looks: this.#looks,
      shortestLifeLeftMs: this.#shortestMs,
      longestGapMs: this.#longestGapMs,
      expired: this.#expired,
    };
  }

  stop(): LifeFigures {
    clearInterval(this.#timer);
    return this.figures;
  }

  #sample(): void {
    const nowMs = Date.now();
    this.#samples += 1;
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    for (const { namespace, expiresAt } of this.#watch.secrets) {
      const leftMs = expiresAt.getTime() - nowMs;
      this.#looks += 1;
      this.#shortestMs = Math.min(this.#shortestMs, leftMs);
      if (leftMs <= 0) this.#expired.push(`${namespace} (expired for ${-leftMs} ms)`);
    }
  }
}
