/** Looks at the teams' Secrets while time passes: how little life was ever left to the token in one. */
import { findSecret } from '../stage/look.ts';
import type { Stage } from '../stage/stage.ts';
import { tellHours } from '../stage/story-time.ts';

export class LifeWatch {
  readonly #stage: Stage;
  #shortestMs = Infinity;
  #looks = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async look(): Promise<void> {
    const { teams, time } = this.#stage;
    const found = await Promise.all(
      Object.values(teams).map((team) => findSecret(this.#stage, team)),
    );
    const nowMs = time.now().getTime();
    for (const secret of found) {
      if (secret === undefined) continue;
      this.#looks += 1;
      this.#shortestMs = Math.min(this.#shortestMs, secret.expiresAt.getTime() - nowMs);
    }
  }

  get looks(): number {
    return this.#looks;
  }

  /** In words; throws an Error where one had expired, or where nothing was seen. */
  tell(): string {
    if (this.#looks === 0) throw new Error('no Secret was seen');
    if (this.#shortestMs <= 0) throw new Error('a Secret held an expired token');
    return tellHours(this.#shortestMs / this.#stage.time.hourMs);
  }
}
