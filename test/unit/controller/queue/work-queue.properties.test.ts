import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Priority } from '../../../../src/controller/queue/priority.ts';
import { WorkQueue } from '../../../../src/controller/queue/work-queue.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { UNOBSERVED } from '../../../support/ports/unobserved-queue.ts';

const PRIORITIES: readonly Priority[] = ['new', 'expiring', 'repair', 'rotation', 'sweep'];

type Op =
  | { readonly kind: 'add'; readonly key: string; readonly priority: Priority }
  | { readonly kind: 'addAt' | 'retry'; readonly key: string; readonly delayMs: number }
  | { readonly kind: 'hung' | 'succeeded'; readonly key: string }
  | { readonly kind: 'take' | 'done' }
  | { readonly kind: 'pass' | 'jump'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key, priority: fc.constantFrom(...PRIORITIES) }),
  fc.record({
    kind: fc.constantFrom('addAt' as const, 'retry' as const),
    key,
    delayMs: fc.integer({ min: -1_000, max: 100_000 }),
  }),
  fc.record({ kind: fc.constantFrom('hung' as const, 'succeeded' as const), key }),
  fc.record({ kind: fc.constantFrom('take' as const, 'done' as const) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 70_000 }) }),
  fc.record({
    kind: fc.constant('jump' as const),
    ms: fc.integer({ min: -86_400_000, max: 86_400_000 }),
  }),
);

/** Runs the queue next to a model of what it owes: for every key, a pass that begins after the last time it was added. */
class Model {
  readonly clock = new VirtualClock();
  /** Keys that wait for a worker. */
  readonly ready = new Set<string>();
  readonly queue = new WorkQueue(this.clock, Math.random, {
    ...UNOBSERVED,
    added: (key) => this.ready.add(key),
    taken: (key) => this.ready.delete(key),
  });
  /** Keys that were added since their last pass began. */
  readonly owed = new Set<string>();
  readonly inWork: string[] = [];
  #waiting = 0;

  async run(step: Op): Promise<void> {
    switch (step.kind) {
      case 'add':
        this.owed.add(step.key);
        this.queue.add(step.key, step.priority);
        break;
      case 'addAt':
        this.owed.add(step.key);
        this.queue.addAt(step.key, new Date(this.clock.now().getTime() + step.delayMs), 'rotation');
        break;
      case 'retry':
        this.owed.add(step.key);
        this.queue.retry(step.key, 'repair');
        break;
      case 'hung':
        this.queue.hung(step.key, 'SLOW');
        break;
      case 'succeeded':
        this.queue.succeeded(step.key);
        break;
      case 'take':
        this.#take();
        break;
      case 'done':
        this.#done();
        break;
      case 'pass':
        await this.clock.advance(step.ms);
        break;
      case 'jump':
        this.clock.jump(step.ms);
    }
    await settle();
  }

  /** With workers for all keys, and enough time for the longest delay. */
  async finish(): Promise<void> {
    for (let n = 0; n < 4; n++) this.#take();
    for (let round = 0; round < 12; round++) {
      await this.clock.advance(15_000);
      while (this.inWork.length > 0) {
        this.#done();
        this.#take();
        await settle();
      }
    }
  }

  #take(): void {
    if (this.#waiting + this.inWork.length >= 4) return;
    this.#waiting += 1;
    void this.queue.take().then((work) => {
      this.#waiting -= 1;
      if (work === undefined) return;
      expect(this.inWork).not.toContain(work.key);
      this.inWork.push(work.key);
      this.owed.delete(work.key);
    });
  }

  #done(): void {
    const finished = this.inWork.shift();
    if (finished !== undefined) this.queue.done(finished);
  }
}

describe('the work queue under any use', () => {
  it('never loses a wake-up, and never gives a key to two workers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 40 }), async (ops) => {
        const model = new Model();
        for (const step of ops) await model.run(step);
        await model.finish();

        expect([...model.owed]).toEqual([]);
        expect([...model.ready]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
