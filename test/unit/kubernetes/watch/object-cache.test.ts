import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ObjectCache } from '../../../../src/kubernetes/watch/object-cache.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import type { ObjectMeta } from '../../../../src/kubernetes/transport/object-meta.ts';

interface Thing extends ObjectMeta {
  readonly value?: string;
}

function thing(name: string, version: number, more: Partial<Thing> = {}): Thing {
  const namespace = more.namespace ?? 'a';
  return {
    namespace,
    name,
    uid: `${namespace}/${name}#1`,
    resourceVersion: String(version),
    ...more,
  };
}

function start() {
  const log = new RecordedLog();
  const cache = new ObjectCache<Thing>(log);
  const changes: string[] = [];
  cache.listen(({ kind, object }) => {
    changes.push(`${kind} ${object.name}@${object.resourceVersion}`);
  });
  return { cache, changes, log };
}

const versionsOf = (cache: ObjectCache<Thing>) =>
  [...cache.all()].map(({ name, resourceVersion }) => `${name}@${resourceVersion}`).sort();

describe('ObjectCache', () => {
  it('finds objects by namespace and name', () => {
    const { cache } = start();
    const s = thing('s', 1);
    const t = thing('t', 2);
    const other = thing('s', 3, { namespace: 'b' });
    cache.replaceAll([s, t, other], '3');

    expect(cache.get('a', 's')).toBe(s);
    expect(cache.get('c', 's')).toBeUndefined();
    expect([...cache.inNamespace('a')]).toEqual([s, t]);
    expect([...cache.inNamespace('c')]).toEqual([]);
    expect(cache.size).toBe(3);
  });

  it('keeps cluster-scoped objects', () => {
    const { cache } = start();
    const namespace = { name: 'team-a', uid: 'u', resourceVersion: '1' };
    cache.upsert(namespace);

    expect(cache.get(undefined, 'team-a')).toBe(namespace);
  });

  it('reports every change, with the previous object', () => {
    const { cache } = start();
    const changes: unknown[] = [];
    cache.listen((change) => changes.push(change));
    const first = thing('s', 1);
    const second = thing('s', 2);

    cache.upsert(first);
    cache.upsert(second);
    cache.remove(thing('s', 3));

    expect(changes).toEqual([
      { kind: 'added', object: first, previous: undefined },
      { kind: 'modified', object: second, previous: first },
      { kind: 'deleted', object: second, previous: second },
    ]);
    expect(cache.size).toBe(0);
  });

  it('reports nothing that it already knows', () => {
    const { cache, changes } = start();
    cache.absorb(thing('s', 5));

    cache.upsert(thing('s', 5));

    expect(changes).toEqual(['added s@5']);
  });

  it('treats another UID under the same name as another object', () => {
    const { cache, changes } = start();
    cache.upsert(thing('s', 1));

    cache.upsert(thing('s', 5, { uid: 'second' }));

    expect(changes).toEqual(['added s@1', 'deleted s@1', 'added s@5']);
  });

  it('ignores the deletion of a predecessor', () => {
    const { cache, changes } = start();
    cache.absorb(thing('s', 5, { uid: 'second' }));

    cache.remove(thing('s', 4));

    expect(changes).toEqual(['added s@5']);
    expect(cache.size).toBe(1);
  });

  it('believes a read that shows another object, newer than the watch’s last one', () => {
    const { cache } = start();
    cache.upsert(thing('s', 5, { uid: 'first' }));
    cache.advanceTo('9');
    cache.absorb(thing('s', 7, { uid: 'second' }));

    expect(cache.get('a', 's')).toMatchObject({ uid: 'second', resourceVersion: '7' });
  });

  it('does not bring back what we deleted ourselves', () => {
    const { cache, changes } = start();
    const s = thing('s', 5);
    cache.upsert(s);
    cache.absorbRemoval(s);

    cache.upsert(thing('s', 6));
    cache.replaceAll([thing('s', 6)], '7');
    cache.remove(thing('s', 8));
    cache.upsert(thing('s', 9, { uid: 'second' }));

    expect(changes).toEqual(['added s@5', 'deleted s@5', 'added s@9']);
  });

  it('notices on a list which objects disappeared, appeared and changed', () => {
    const { cache, changes } = start();
    cache.replaceAll([thing('same', 1), thing('gone', 2), thing('changed', 3)], '3');
    changes.length = 0;

    cache.replaceAll([thing('same', 1), thing('changed', 5), thing('new', 6)], '6');

    expect(changes).toEqual(['deleted gone@2', 'modified changed@5', 'added new@6']);
  });

  it('keeps what is newer than a list that was under way', () => {
    const { cache } = start();
    cache.replaceAll([thing('s', 1)], '5');
    cache.absorb(thing('s', 8));
    cache.absorb(thing('created', 9));

    cache.replaceAll([thing('s', 1)], '7');

    expect(versionsOf(cache)).toEqual(['created@9', 's@8']);
  });

  it.each([
    ['a list', (cache: ObjectCache<Thing>) => cache.replaceAll([thing('s', 90)], '100')],
    ['an event', (cache: ObjectCache<Thing>) => cache.upsert(thing('s', 100))],
    ['a bookmark', (cache: ObjectCache<Thing>) => cache.advanceTo('100')],
  ])('believes the list of a restored etcd, whose version is below that of %s', (_, change) => {
    const { cache } = start();
    cache.replaceAll([thing('s', 10)], '20');
    change(cache);
    cache.absorb(thing('lost', 101));

    cache.replaceAll([thing('s', 10)], '30');
    cache.upsert(thing('s', 31));

    expect(versionsOf(cache)).toEqual(['s@31']);
  });

  it('survives a listener that throws, and still calls the others', () => {
    const { cache, log } = start();
    const changes: string[] = [];
    cache.listen(({ object }) => {
      if (object.name === 'bad') throw new Error('listener fault');
      changes.push(object.name);
    });

    cache.replaceAll([thing('bad', 1), thing('good', 2)], '2');

    expect(changes).toEqual(['good']);
    expect(log.messages('error')).toEqual(['cache listener failed']);
  });
});

describe('ObjectCache under any order of updates', () => {
  /** What happened in the cluster, in order: the version is the index. */
  interface Happening {
    readonly name: string;
    readonly kind: 'written' | 'deleted';
  }
  const happening = fc.record<Happening>({
    name: fc.constantFrom('s', 't', 'u'),
    kind: fc.constantFrom('written', 'written', 'deleted'),
  });

  interface Event {
    readonly kind: 'written' | 'deleted';
    readonly object: Thing;
  }

  /** The events of a watch, with a new UID after each deletion. */
  function historyOf(happenings: readonly Happening[]): readonly Event[] {
    const lives = new Map<string, number>();
    const present = new Set<string>();
    return happenings.flatMap(({ name, kind }, index): Event[] => {
      if (kind === 'deleted' && !present.has(name)) return [];
      const life = lives.get(name) ?? 1;
      if (kind === 'deleted') {
        present.delete(name);
        lives.set(name, life + 1);
      } else {
        present.add(name);
      }
      return [{ kind, object: thing(name, index + 1, { uid: `${name}#${String(life)}` }) }];
    });
  }

  function stateAfter(history: readonly Event[]): Map<string, Thing> {
    const state = new Map<string, Thing>();
    for (const { kind, object } of history) {
      if (kind === 'written') state.set(object.name, object);
      else state.delete(object.name);
    }
    return state;
  }

  function disturb(
    cache: ObjectCache<Thing>,
    choice: string,
    history: readonly Event[],
    index: number,
  ): void {
    if (choice === 'absorb') {
      // Our own write arrives before the watch delivers it, and before the watch delivers some older ones.
      const ahead = history[index + 2];
      if (ahead?.kind === 'written') cache.absorb(ahead.object);
      if (ahead?.kind === 'deleted') cache.absorbRemoval(ahead.object);
    }
    if (choice === 'absorbLate') {
      // The answer to a write may also come after newer events of the watch.
      const behind = history[index - 2];
      if (behind?.kind === 'written') cache.absorb(behind.object);
    }
    if (choice === 'relist') {
      const version = history[index - 1]?.object.resourceVersion ?? '0';
      cache.replaceAll([...stateAfter(history.slice(0, index)).values()], version);
    }
  }

  it('ends in the state of the cluster, with our own writes ahead of the watch and relists in between', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 40 }),
        fc.infiniteStream(fc.constantFrom('wait', 'absorb', 'absorbLate', 'relist')),
        (happenings, choices) => {
          const history = historyOf(happenings);
          const { cache } = start();
          const mirror = new Map<string, Thing>();
          cache.listen(({ kind, object, previous }) => {
            expect(mirror.get(object.name)).toBe(previous);
            if (kind === 'deleted') mirror.delete(object.name);
            else mirror.set(object.name, object);
          });

          history.forEach(({ kind, object }, index) => {
            disturb(cache, choices.next().value, history, index);
            if (kind === 'written') cache.upsert(object);
            else cache.remove(object);
          });

          const expected = [...stateAfter(history).values()];
          expect([...cache.all()]).toHaveLength(expected.length);
          expect(new Set(cache.all())).toEqual(new Set(expected));
          expect(new Set(mirror.values())).toEqual(new Set(expected));
          expect(cache.size).toBe(expected.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never goes back to an older version of an object', () => {
    const news = fc.record({
      how: fc.constantFrom('upsert', 'absorb'),
      name: fc.constantFrom('s', 't'),
      version: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(news), (all) => {
        const { cache } = start();
        cache.replaceAll([thing('s', 0), thing('t', 0)], '0');
        for (const { how, name, version } of all) {
          const before = Number(cache.get('a', name)?.resourceVersion ?? 0);
          if (how === 'upsert') cache.upsert(thing(name, version));
          else cache.absorb(thing(name, version));
          expect(Number(cache.get('a', name)?.resourceVersion)).toBe(Math.max(before, version));
        }
      }),
    );
  });
});
