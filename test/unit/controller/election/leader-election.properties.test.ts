/** Any faults at any times: never two leaders, and one soon after the faults are over. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { StalledError, TransientError } from '../../../../src/domain/errors.ts';
import { Candidate } from '../../../support/ports/candidate.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { FakeLease, type LeaseFault } from '../../../support/ports/fake-lease.ts';
import { share } from '../../../support/suite/share.ts';

const STEP_MS = 500;
const HOUR = 3_600_000;
const NAMES = ['a', 'b', 'c'];

type Act = (candidate: Candidate, lease: FakeLease) => void;

const FAULTS: readonly (readonly [string, LeaseFault])[] = [
  ['works', 'none'],
  ['hangs', 'hang'],
  ['loses answers', 'lose-answer'],
  ['is slow', { latencyMs: 900 }],
  ['is very slow', { latencyMs: 4900 }],
  ['is refused', new StalledError('403', { code: 'LEASE_FORBIDDEN' })],
  ['fails', new TransientError('503', { code: 'API_SERVER_ERROR' })],
];

const ACTS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ...FAULTS.map(([name, fault]) => {
    const act: Act = ({ store }) => {
      store.fault = fault;
    };
    return [name, act] as const;
  }),
  ['is paused', (candidate) => candidate.pause()],
  ['is resumed', (candidate) => candidate.resume()],
  ['jumps an hour ahead', (candidate) => candidate.jump(HOUR)],
  ['jumps a day back', (candidate) => candidate.jump(-24 * HOUR)],
  ['has its lease paused', (_, lease) => lease.setPaused(true)],
  ['has its lease unpaused', (_, lease) => lease.setPaused(false)],
  ['is released', (candidate) => void candidate.election.release()],
]);

const steps = fc.array(
  fc.record({
    who: fc.nat({ max: NAMES.length - 1 }),
    what: fc.constantFrom(...ACTS.keys()),
    forMs: fc.integer({ min: 0, max: 30 }).map((count) => count * STEP_MS),
  }),
  { maxLength: 15 },
);

describe('any number of faults', () => {
  it('never make two leaders, and allow one within 20 s of their end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 2 ** 30 }), async (schedule, seed) => {
        const clock = new VirtualClock();
        const lease = new FakeLease();
        const candidates = NAMES.map((name, index) =>
          new Candidate(name, lease, clock, newRandom(seed + index)).start(),
        );
        const leaders = (): readonly string[] =>
          candidates.filter(({ isLeading }) => isLeading).map(({ name }) => name);
        const pass = async (ms: number): Promise<void> => {
          for (let passed = 0; passed <= ms; passed += STEP_MS) {
            await clock.advance(STEP_MS);
            expect(leaders().length).toBeLessThanOrEqual(1);
          }
        };

        const released = new Set<number>();
        for (const { who, what, forMs } of schedule) {
          const candidate = candidates[who];
          if (candidate === undefined) throw new Error('nobody has this number');
          ACTS.get(what)?.(candidate, lease);
          // A candidate that wakes up must find out by itself, before anything else is done.
          expect(leaders().length).toBeLessThanOrEqual(1);
          if (what === 'is released') released.add(who);
          await pass(forMs);
        }

        lease.setPaused(true);
        // A candidate that is cut off or paused ends its term by its own clock.
        await pass(10_000);
        expect(leaders()).toEqual([]);
        lease.setPaused(false);

        for (const candidate of candidates) {
          candidate.store.fault = 'none';
          candidate.resume();
        }
        // A call that hangs by now does so for 5 s more.
        await pass(25_000);
        expect(leaders()).toHaveLength(released.size === NAMES.length ? 0 : 1);
        const [leader] = leaders();
        await pass(30_000);
        expect(leaders()).toEqual(leader === undefined ? [] : [leader]);
        for (const { transitions } of candidates) expectAlternation(transitions);
      }),
      { numRuns: share(40, 150) },
    );
  });
});

function expectAlternation(changes: readonly string[]): void {
  const kinds = changes.map((line) => line.split(' ')[0]);
  expect(kinds).toEqual(kinds.map((_, index) => (index % 2 === 0 ? 'started' : 'stopped')));
}

function newRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
