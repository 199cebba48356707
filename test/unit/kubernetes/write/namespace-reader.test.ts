import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObsoleteError, TransientError } from '../../../../src/domain/errors.ts';
import type { CachedNamespace } from '../../../../src/domain/state/observed.ts';
import { NamespaceReader } from '../../../../src/kubernetes/write/namespace-reader.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { cachedNamespace, transportOver } from '../../../support/ports/simulated-transport.ts';

const TEAM = { kind: 'Namespace', name: 'team' } as const;

describe('NamespaceReader', () => {
  let clock: VirtualClock;
  let cluster: SimulatedCluster;
  let absorbed: CachedNamespace[];
  beforeEach(() => {
    clock = new VirtualClock();
    cluster = new SimulatedCluster({ clock });
    cluster.kubectl.createNamespace('team');
    absorbed = [];
  });
  const { signal } = new AbortController();
  const readerOf = (user = 'admin') =>
    new NamespaceReader({
      transport: transportOver(cluster.wire(user), clock),
      absorb: (record) => absorbed.push(record),
    });
  const read = (observed: CachedNamespace) => readerOf().read(observed, { signal });
  const confirm = (observed: CachedNamespace, user?: string) =>
    readerOf(user).confirmUnchanged(observed, { signal });

  it('reads a namespace into the cache, whether it has changed or not', async () => {
    const observed = cachedNamespace(cluster, 'team');
    await read(observed);
    cluster.kubectl.delete(TEAM);
    await clock.advance(100);
    await expect(read(observed)).rejects.toThrow(ObsoleteError);
    cluster.kubectl.createNamespace('team');
    await read(observed);

    expect(absorbed).toEqual([observed, cachedNamespace(cluster, 'team')]);
  });

  it('sends one read and changes nothing if nothing has changed', async () => {
    await confirm(cachedNamespace(cluster, 'team'));
    expect(absorbed).toEqual([]);
    expect(cluster.requests).toHaveLength(1);
  });

  it('applies a change to the cache and asks for another pass', async () => {
    const observed = cachedNamespace(cluster, 'team');
    cluster.kubectl.annotate(TEAM, { 'ecr-pull-secrets.io/enabled': 'true' });
    const confirmation = confirm(observed);
    await expect(confirmation).rejects.toMatchObject({ name: 'TransientError', code: 'CONFLICT' });
    expect(absorbed).toEqual([cachedNamespace(cluster, 'team')]);
  });

  it('applies its successor of the same name to the cache', async () => {
    const observed = cachedNamespace(cluster, 'team');
    cluster.kubectl.delete(TEAM);
    await clock.advance(100);
    cluster.kubectl.createNamespace('team');
    await expect(confirm(observed)).rejects.toThrow(TransientError);
    expect(absorbed).toEqual([cachedNamespace(cluster, 'team')]);
  });

  it('ends the plan for one that is terminating or gone', async () => {
    const observed = cachedNamespace(cluster, 'team');
    cluster.kubectl.delete(TEAM);
    await expect(confirm(observed)).rejects.toThrow(ObsoleteError);
    await clock.advance(100);
    await expect(confirm(observed)).rejects.toThrow(ObsoleteError);
  });

  it('never treats a missing answer as a yes', async () => {
    const observed = cachedNamespace(cluster, 'team');
    cluster.faults.add({ effect: { kind: 'answer', status: 500, body: {} } });
    await expect(confirm(observed)).rejects.toMatchObject({ code: 'API_SERVER_ERROR' });
    cluster.faults.add({ effect: { kind: 'answer', status: 200, body: '' } });
    await expect(confirm(observed)).rejects.toMatchObject({ code: 'API_MALFORMED_ANSWER' });
    cluster.faults.add({ effect: { kind: 'cut-body', afterBytes: 20 } });
    await expect(confirm(observed)).rejects.toThrow(TransientError);
    await expect(confirm(observed, 'nobody')).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
  });
});
