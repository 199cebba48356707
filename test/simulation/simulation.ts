/** One run of a whole world from one seed. See docs/adr/0015. */
import { Assembly, type SimulationOptions } from './assembly.ts';
import { Course, type Pass } from './course.ts';
import { Decline } from './decline.ts';
import { Exodus } from './exodus.ts';
import { FairWeather } from './fair-weather.ts';
import type { Tally } from './tally.ts';
import type { Violation } from './violation.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** How much virtual time passed. */
  readonly virtualMs: number;
  readonly tally: Tally;
}

export class Simulation {
  readonly #seed: number;
  readonly #parts: Assembly;
  #steps = 0;

  constructor(options: SimulationOptions) {
    this.#seed = options.seed;
    this.#parts = new Assembly(options);
  }

  async run(): Promise<SimulationResult> {
    const parts = this.#parts;
    try {
      await courseOf(parts, (ms) => this.#pass(ms)).run();
    } catch (error) {
      if (!(error instanceof Found)) throw error;
    }
    const { violations, tally } = parts.oracle;
    const virtualMs = parts.time.monotonicMs();
    return { seed: this.#seed, violations, steps: this.#steps, virtualMs, tally };
  }

  /** Lets so much time pass, step by step, until something is found. */
  async #pass(ms: number): Promise<void> {
    const { time, history, checks, oracle } = this.#parts;
    const untilMs = time.monotonicMs() + ms;
    do {
      this.#steps += 1;
      history.catchUp();
      checks.leaders();
      if (oracle.violations.length > 0) throw new Found();
    } while (await time.step(untilMs));
    history.catchUp();
  }
}

function courseOf(parts: Assembly, pass: Pass): Course | FairWeather {
  switch (parts.kind) {
    case 'usual':
      return new Course(parts, pass);
    case 'exodus':
      return new FairWeather(parts, pass, new Exodus(parts));
    case 'decline':
      return new FairWeather(parts, pass, new Decline(parts));
  }
}

/** Ends a run at the first violation: what follows from it is of no interest. */
class Found extends Error {}
