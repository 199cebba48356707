/** Watches the teams' Secrets while time passes, for the shortest remaining life that a token in one ever had. */
import { findSecret } from '../stage/observe.ts';
import type { Stage } from '../stage/stage.ts';
import { formatHours } from '../stage/story-time.ts';

export class LifeWatch {
  readonly #stage: Stage;
  #shortestMs = Infinity;
  #checks = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async check(): Promise<void> {
    const { teams, time } = this.#stage;
    const found = await Promise.all(
      Object.values(teams).map((team) => findSecret(this.#stage, team)),
    );
    const nowMs = time.now().getTime();
    for (const secret of found) {
      if (secret === undefined) continue;
      this.#checks += 1;
      this.#shortestMs = Math.min(this.#shortestMs, secret.expiresAt.getTime() - nowMs);
    }
  }

  get checks(): number {
    return this.#checks;
  }

  /** In words; throws an Error if a token had expired, or if no Secret was seen. */
  describe(): string {
    if (this.#checks === 0) throw new Error('no Secret was seen');
    if (this.#shortestMs <= 0) throw new Error('a Secret held an expired token');
    return formatHours(this.#shortestMs / this.#stage.time.hourMs);
  }
}
