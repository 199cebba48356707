import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ShownTroubles } from '../../../../src/controller/memory/shown-troubles.ts';

type All = Map<string, ReadonlySet<string>>;

function troublesIn(from: number, to: number, ...reasons: readonly string[]): All {
  const names = Array.from({ length: to - from }, (_, index) => `team-${from + index}`);
  return new Map(names.map((name) => [name, new Set(reasons)]));
}

const keysOf = ({ shown }: ReturnType<ShownTroubles['choose']>) =>
  shown.map(({ namespace, reason }) => `${namespace} ${reason}`);

describe('the troubles that are shown by name', () => {
  it('are all, as long as there are no more than 200', () => {
    const choice = new ShownTroubles().choose(troublesIn(0, 100, 'A', 'B'));

    expect(keysOf(choice)).toHaveLength(200);
    expect(choice.omitted).toBe(0);
  });

  it('are else those that last for longest, and the others are counted', () => {
    const choice = new ShownTroubles().choose(troublesIn(0, 1_000, 'A'));

    expect(keysOf(choice).at(-1)).toBe('team-199 A');
    expect(choice.omitted).toBe(800);
  });

  it('stay while others come and go, and only a free place goes to the next', () => {
    const troubles = new ShownTroubles();
    const all = troublesIn(0, 300, 'A');
    troubles.choose(all);
    all.set('team-0', new Set(['A', 'B']));
    expect(keysOf(troubles.choose(all))).not.toContain('team-0 B');
    all.delete('team-7');
    const then = troubles.choose(all);

    expect(keysOf(then)).toEqual(expect.arrayContaining(['team-199 A', 'team-0 B']));
    expect([then.shown.length, then.omitted]).toEqual([200, 100]);
    expect(new Set(keysOf(troubles.choose(all)))).toEqual(new Set(keysOf(then)));
  });

  it('are always at most 200, among them all that were shown and last', () => {
    const moment = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 400 });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 6 }), (moments) => {
        const troubles = new ShownTroubles();
        let before: readonly string[] = [];
        for (const numbers of moments) {
          const all: All = new Map(numbers.map((n) => [`team-${n}`, new Set(['A'])]));
          const choice = troubles.choose(all);
          const shown = keysOf(choice);
          expect(shown.length).toBe(Math.min(200, all.size));
          expect(shown.length + choice.omitted).toBe(all.size);
          const lasting = before.filter((key) => all.has(key.replace(' A', '')));
          expect(shown).toEqual(expect.arrayContaining(lasting));
          before = shown;
        }
      }),
      { numRuns: 50 },
    );
  });
});
