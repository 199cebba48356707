import { describe, expect, it } from '@jest/globals';
import { PartedCache } from '../../../../src/kubernetes/view/parted-cache.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import type { ObjectMeta } from '../../../../src/kubernetes/transport/object-meta.ts';

function object(namespace: string, name: string, version: number): Required<ObjectMeta> {
  return { namespace, name, uid: `${namespace}/${name}`, resourceVersion: String(version) };
}

function open() {
  const cache = new PartedCache<ObjectMeta>(({ namespace = '' }) => namespace, new RecordedLog());
  const changes: string[] = [];
  cache.listen(({ kind, object: { name } }) => changes.push(`${kind} ${name}`));
  const [a, b] = [
    cache.part({ namespace: 'a', name: '' }),
    cache.part({ namespace: 'b', name: '' }),
  ];
  return { cache, changes, a, b };
}

describe('a cache in parts', () => {
  it('loses nothing in one part through the list of another', () => {
    const { cache, changes, a, b } = open();
    a.replaceAll([object('a', 'one', 5)], '10');
    b.replaceAll([object('b', 'two', 6)], '20');

    b.replaceAll([], '30');

    expect([...cache.all()].map(({ name }) => name)).toEqual(['one']);
    expect(cache.size).toBe(1);
    expect(changes).toEqual(['added one', 'added two', 'deleted two']);
  });

  it('applies our own write even if the watch of another part is further ahead', () => {
    const { cache, b } = open();
    b.replaceAll([], '90');

    cache.absorb(object('a', 'written', 40));

    expect(cache.get('a', 'written')).toBeDefined();
  });

  it('does not mistake a part that lags behind another for a restored etcd', () => {
    const { cache, a, b } = open();
    b.replaceAll([], '90');
    cache.absorb(object('a', 'written', 60));

    a.replaceAll([], '50');

    expect(cache.get('a', 'written')).toBeDefined();
  });

  it('finds what is in a namespace, and nothing if there is no such part', () => {
    const { cache, a } = open();
    a.replaceAll([object('a', 'one', 5), object('a', 'two', 6)], '10');

    expect([...cache.inNamespace('a')].map(({ name }) => name)).toEqual(['one', 'two']);
    expect(cache.get('c', 'one')).toBeUndefined();
    expect([...cache.inNamespace('c')]).toEqual([]);
  });

  it('forgets what we deleted ourselves', () => {
    const { cache, changes, a } = open();
    a.replaceAll([object('a', 'one', 5)], '10');

    cache.absorbRemoval(object('a', 'one', 5));

    expect(cache.size).toBe(0);
    expect(changes).toEqual(['added one', 'deleted one']);
  });
});
