/** One run of a whole world from one seed. See docs/adr/0015. */
import { Assembly, type SimulationOptions } from './assembly.ts';
import { settle } from '../../../simulator/ground/virtual-clock.ts';
import { Course, type Pass } from './weather/course.ts';
import { Decline } from './weather/decline.ts';
import { Exodus } from './weather/exodus.ts';
import { FairWeather } from './weather/fair-weather.ts';
import { Neighbourhood } from './weather/neighbourhood.ts';
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

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const parts = new Assembly(options);
  const { time, history, checks, oracle } = parts;
  let steps = 0;
  /** Step by step, until a violation. */
  async function pass(ms: number): Promise<void> {
    const untilMs = time.monotonicMs() + ms;
    // What was just done is delivered first: nobody knows of it yet, and nobody is expected to.
    await settle();
    do {
      steps += 1;
      history.catchUp();
      checks.leaders();
      if (oracle.violations.length > 0) throw new Found();
    } while (await time.step(untilMs));
    history.catchUp();
  }

  try {
    await courseOf(parts, pass).run();
  } catch (error) {
    if (!(error instanceof Found)) throw error;
  }
  const { violations, tally } = oracle;
  return { seed: options.seed, violations, steps, virtualMs: time.monotonicMs(), tally };
}

function courseOf(parts: Assembly, pass: Pass): Course | FairWeather | Neighbourhood {
  switch (parts.kind) {
    case 'usual':
      return new Course(parts, pass);
    case 'exodus':
      return new FairWeather(parts, pass, new Exodus(parts));
    case 'neighbours':
      return new Neighbourhood(parts, pass);
    case 'decline':
      return new FairWeather(parts, pass, new Decline(parts));
  }
}

/** Ends a run at the first violation: what follows from it is of no interest. */
class Found extends Error {}
