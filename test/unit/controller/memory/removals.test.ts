import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Trouble } from '../../../../src/controller/memory/namespace-troubles.ts';
import { type Attempted, Removals } from '../../../../src/controller/memory/removals.ts';
import { aNamespace, inMs } from '../../../support/values/builders.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => aNamespace({ name })) as [
  ReturnType<typeof aNamespace>,
  ReturnType<typeof aNamespace>,
  ReturnType<typeof aNamespace>,
];
const due = { kind: 'whole', at: inMs(0) } as const;
const trouble: Trouble = {
  reason: 'WriteRefused',
  message: 'no',
  about: { kind: 'Namespace', uid: 'uid' },
};
const refused: Attempted = { kind: 'refused', troubles: [trouble] };
const accepted: Attempted = { kind: 'accepted' };
const unknown: Attempted = { kind: 'unknown' };
const MINUTE_MS = 60_000;

let removals: Removals;

beforeEach(() => {
  removals = new Removals();
  for (const each of [a, b, c]) removals.note(each, due);
});

function stalled(): readonly string[] {
  return [a, b, c].filter((each) => removals.isStalled(each)).map(({ name }) => name);
}

describe('the due time of a namespace', () => {
  it('is what was noted last, until there is nothing to remove', () => {
    expect(removals.dueIn(a)).toEqual(due);
    removals.note(a, { kind: 'whole', at: inMs(1) });
    expect(removals.dueIn(a)).toEqual({ kind: 'whole', at: inMs(1) });
    removals.note(a, undefined);
    expect(removals.dueIn(a)).toBeUndefined();
  });

  it('is not that of one that was re-created, or forgotten', () => {
    expect(removals.dueIn({ ...a, uid: 'another' })).toBeUndefined();
    removals.forget('a');
    expect(removals.dueIn(a)).toBeUndefined();
  });
});

describe('a stamp', () => {
  const atOf = (text: string) => new Date(text);
  const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'] as const;

  it('counts from when it was written, and replaces what was known', () => {
    removals.stamped(a, late);
    expect(removals.dueIn(a)).toEqual({ kind: 'whole', at: atOf(late) });
    removals.stamped(a, `p=${early}`);
    expect(removals.dueIn(a)).toEqual({ kind: 'profiles', at: new Map([['p', atOf(early)]]) });
  });

  it('leaves their times to profiles that it does not name', () => {
    removals.stamped(a, `gone=${early},p=${late}`);
    removals.stamped(a, `p=${early}`);
    const at = new Map([
      ['gone', atOf(early)],
      ['p', atOf(early)],
    ]);
    expect(removals.dueIn(a)).toEqual({ kind: 'profiles', at });
  });
});

describe('a removal is stalled', () => {
  it('when the server has refused it, and as long as nothing else is known', () => {
    removals.ended(a, refused);
    expect(stalled()).toEqual(['a']);
    expect(removals.refusalsOf(a)).toEqual([trouble]);

    removals.note(a, due);
    expect(stalled()).toEqual(['a']);
  });

  it.each([accepted, unknown])('no longer when an attempt ends as $kind', (attempted) => {
    removals.ended(a, refused);
    removals.ended(a, attempted);
    expect(stalled()).toEqual([]);
  });

  it('no longer when there is nothing to remove any more', () => {
    removals.ended(a, refused);
    removals.note(a, undefined);
    removals.note(a, due);
    expect(stalled()).toEqual([]);
  });
});

describe('stalled removals', () => {
  beforeEach(() => {
    for (const each of [a, b, c]) removals.ended(each, refused);
  });

  it('are tried again one at a time, and the one that is tried counts', () => {
    expect(removals.begin(a, 0)).toBe(true);
    expect(removals.begin(b, 0)).toBe(false);
    expect(stalled()).toEqual(['b', 'c']);

    removals.ended(a, refused);
    expect(stalled()).toEqual(['a', 'b', 'c']);
    expect(removals.begin(b, 0)).toBe(true);
  });

  it('all count again when one succeeds, because what refused it may be gone', () => {
    const before = removals.releases;
    removals.begin(a, 0);
    removals.ended(a, accepted);

    expect(stalled()).toEqual([]);
    expect(removals.releases).toBe(before + 1);
  });

  it('do not count again because another one, which was never refused, succeeds', () => {
    const d = aNamespace({ name: 'd' });
    removals.note(d, due);
    removals.ended(d, accepted);

    expect(stalled()).toEqual(['a', 'b', 'c']);
  });

  it('make room for the next even if there is nothing more to remove, or the namespace is gone', () => {
    removals.begin(a, 0);
    removals.note(a, undefined);
    removals.ended(a, unknown);
    expect(removals.begin(b, 0)).toBe(true);

    removals.forget('b');
    removals.ended(b, unknown);
    expect(removals.begin(c, 0)).toBe(true);
    expect(stalled()).toEqual([]);
  });
});

describe('a removal that only the brake holds back', () => {
  it('is asked for again after ten minutes if it was accepted, and at once if nothing is known', () => {
    expect(removals.begin(a, 0)).toBe(true);
    removals.ended(a, accepted);
    expect(removals.begin(a, 9 * MINUTE_MS)).toBe(false);
    expect(removals.begin(a, 10 * MINUTE_MS)).toBe(true);
    removals.ended(a, unknown);
    expect(removals.begin(a, 10 * MINUTE_MS)).toBe(true);
  });

  it('is asked for at once if what it was last told is a refusal that may be gone', () => {
    removals.begin(a, 0);
    removals.ended(a, refused);
    removals.ended(b, refused);
    removals.begin(b, MINUTE_MS);
    removals.ended(b, accepted);

    expect(stalled()).toEqual([]);
    expect(removals.begin(a, MINUTE_MS)).toBe(true);
  });

  it('does not wait for others', () => {
    expect([a, b, c].map((each) => removals.begin(each, 0))).toEqual([true, true, true]);
  });
});
