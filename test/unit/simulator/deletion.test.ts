import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WireRequest } from '../../../src/kubernetes/wire.ts';
import { SimulatedCluster } from '../../../src/simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const PODS = '/api/v1/namespaces/default/pods';

describe('a deletion', () => {
  let cluster: SimulatedCluster;

  beforeEach(() => {
    cluster = new SimulatedCluster({ clock: new VirtualClock() });
  });

  function send(method: WireRequest['method'], path: string, body: object) {
    const { signal } = new AbortController();
    return cluster.wire().send({ method, path, headers: {}, body: JSON.stringify(body), signal });
  }

  it('of a Pod that waits for a node shows it going, then gone, as a real server does', async () => {
    await send('POST', PODS, {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'app', image: 'example.io/app:1' }] },
    });
    await send('DELETE', `${PODS}/web`, {});

    const changes = cluster.changes.filter(({ resource }) => resource === 'pods');
    expect(changes.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(changes.slice(1).map(({ object }) => object.metadata)).toMatchObject([
      { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
      { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
    ]);
  });

  it('that is only tried is refused, and nothing happens', async () => {
    const before = cluster.revision;
    const call = send('DELETE', '/api/v1/namespaces/default/serviceaccounts/default', {
      dryRun: ['All'],
    });

    await expect(call).rejects.toThrow('does not know dry runs');
    expect(cluster.revision).toBe(before);
  });
});
