/**
 * The course of a run in which nothing breaks: one act after the other, and after each everything must converge. So
 * what the usual course meets in passing is checked in every state: large clusters, and profiles that disappear one by
 * one.
 */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import type { Assembly } from '../assembly.ts';
import type { Pass } from './course.ts';
import { isBrakeOn } from '../world.ts';

export interface Story {
  readonly acts: number;
  begin(): void;
  /** Returns how long it takes, in addition to the grace period. */
  act(): number;
}

/**
 * A ConfigMap takes a minute to reach a process, and removals that the brake held back are reconciled once a minute.
 */
const SETTLED_MS = 4 * MINUTE_MS;

export class FairWeather {
  readonly #parts: Assembly;
  readonly #pass: Pass;
  readonly #story: Story;

  constructor(parts: Assembly, pass: Pass, story: Story) {
    this.#parts = parts;
    this.#pass = pass;
    this.#story = story;
  }

  async run(): Promise<void> {
    const { time, deployment, oracle, trace } = this.#parts;
    time.after(0, () => {
      this.#story.begin();
      deployment.begin();
    });
    await this.#settle(0);
    for (let act = 0; act < this.#story.acts; act += 1) await this.#settle(this.#story.act());
    trace(() => 'QUIET');
    oracle.isQuiet = true;
    oracle.wasBraked = isBrakeOn(this.#parts.world);
    await this.#settle(0);
  }

  /** Sometimes with new processes, which remember nothing. */
  async #settle(ms: number): Promise<void> {
    const { random, deployment, checks, facts, oracle } = this.#parts;
    if (random.chance(0.3) && !oracle.isQuiet) {
      for (const name of deployment.names) deployment.restart(name);
    }
    await this.#pass(ms + facts.configs.now.graceMs + SETTLED_MS);
    await checks.end();
  }
}
