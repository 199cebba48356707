/**
 * `npm run fuzz`: runs many seeds on every core. Prints the seeds per minute, and for each failure the command that
 * repeats it.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lighten } from '../../support/suite/light-process.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { type SimulationResult, simulate } from './simulation.ts';
import { addTo, newTally, renderTally } from './tally.ts';
import { renderViolation } from './violation.ts';

const ENOUGH_FAILURES = 20;
const REPORT_EVERY_MS = 15_000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      plant: { type: 'string' },
    },
  });
  const { trace, plant } = values;
  return { seeds: Number(values.seeds), from: Number(values.from), trace, plant };
}

function runSeed(seed: number): Promise<SimulationResult> {
  const { trace, plant } = readOptions();
  if (plant !== undefined && PLANTED_BUGS[plant] === undefined) {
    throw new Error(
      `no such planted bug; the planted bugs are: ${Object.keys(PLANTED_BUGS).join('; ')}`,
    );
  }
  return simulate({
    seed,
    plant: plant === undefined ? undefined : PLANTED_BUGS[plant]?.plant,
    onTrace: trace ? (line) => console.log(line) : undefined,
  });
}

/** A worker runs one seed after another, as the parent process sends them. */
function work(): void {
  lighten();
  process.on('message', (seed: number) => {
    void runSeed(seed).then((result) => process.send?.(result));
  });
}

class Fuzz {
  readonly #options = readOptions();
  readonly #startedMs = performance.now();
  #next = this.#options.from;
  #done = 0;
  #steps = 0;
  #virtualMs = 0;
  readonly #tally = newTally();
  #failures = 0;
  #reportedMs = 0;

  async run(): Promise<void> {
    const { trace, seeds } = this.#options;
    if (trace) {
      for (const _ of Array.from({ length: seeds })) this.#note(await runSeed(this.#take() ?? 0));
    } else {
      const count = Math.min(availableParallelism(), seeds);
      await Promise.all(Array.from({ length: count }, () => this.#employ()));
    }
    this.#report();
    console.log(renderTally(this.#tally));
    if (this.#failures > 0) process.exitCode = 1;
  }

  #employ(): Promise<void> {
    const worker = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
    return new Promise((resolve, reject) => {
      const give = (): void => {
        const seed = this.#take();
        if (seed === undefined) worker.disconnect();
        else worker.send(seed);
      };
      worker.on('message', (result: SimulationResult) => {
        this.#note(result);
        give();
      });
      worker.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a worker ended with code ${code}`));
      });
      give();
    });
  }

  #take(): number | undefined {
    const { from, seeds } = this.#options;
    if (this.#next >= from + seeds || this.#failures >= ENOUGH_FAILURES) return undefined;
    this.#next += 1;
    return this.#next - 1;
  }

  #note({ seed, violations, steps, virtualMs, tally }: SimulationResult): void {
    this.#done += 1;
    this.#steps += steps;
    this.#virtualMs += virtualMs;
    addTo(this.#tally, tally);
    if (violations.length > 0) {
      this.#failures += 1;
      const { plant } = this.#options;
      for (const violation of violations) {
        console.log(`seed ${seed}: ${renderViolation(violation)}`);
      }
      const planted = plant === undefined ? '' : ` --plant '${plant}'`;
      console.log(`  npm run fuzz -- --seeds 1 --from ${seed}${planted} --trace`);
    }
    if (performance.now() - this.#reportedMs > REPORT_EVERY_MS) {
      this.#reportedMs = performance.now();
      this.#report();
    }
  }

  #report(): void {
    const minutes = (performance.now() - this.#startedMs) / 60_000;
    const hours = Math.round(this.#virtualMs / 3_600_000);
    console.log(
      `${this.#done} seeds, ${this.#failures} with violations; ${this.#steps} steps, ${hours} simulated hours; ${Math.round(this.#done / minutes)} seeds per minute`,
    );
  }
}

if (process.send === undefined) await new Fuzz().run();
else work();
