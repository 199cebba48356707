/** Faults beyond refusals and silence: somebody else is faster, watches lag behind, and start in the past. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedCluster } from '../../../src/simulator/simulated-cluster.ts';
import { ContractClient } from '../../contract/kubernetes-api/contract-client.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const SECRETS = '/api/v1/namespaces/team/secrets';
const SECRET = { kind: 'Secret', namespace: 'team', name: 'a' } as const;

describe('Faults', () => {
  let clock: FakeClock;
  let cluster: SimulatedCluster;
  let client: ContractClient;
  beforeEach(() => {
    clock = new FakeClock();
    cluster = new SimulatedCluster({ clock });
    cluster.kubectl.createNamespace('team');
    client = new ContractClient(cluster.wire());
  });

  it('let somebody else write first: what goes by the old version is refused, what does not passes', async () => {
    cluster.kubectl.createSecret('team', 'a', {});
    const { resourceVersion } = (await client.get(`${SECRETS}/a`)).body.metadata;
    cluster.faults.add({ effect: { kind: 'conflict' }, times: 2 });

    const patch = { metadata: { resourceVersion, labels: { l: '1' } } };
    const refused = await client.merge(`${SECRETS}/a`, patch);
    const deletion = await client.delete(`${SECRETS}/a`, { resourceVersion });
    const blind = await client.merge(`${SECRETS}/a`, { metadata: { labels: { l: '1' } } });

    expect([refused.status, deletion.status, blind.status]).toEqual([409, 409, 200]);
    expect(Number(blind.body.metadata.resourceVersion)).toBe(Number(resourceVersion) + 3);
    const managers = blind.body.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toContain('somebody-else');
  });

  it('let somebody else write nothing where there is no object, or none is named', async () => {
    cluster.faults.add({ effect: { kind: 'conflict' }, times: 2 });
    const before = cluster.revision;
    const missing = await client.merge(`${SECRETS}/none`, {});
    const created = await client.post(SECRETS, { metadata: { name: 'a' } });
    expect([missing.status, created.status]).toEqual([404, 201]);
    expect(cluster.revision).toBe(before + 1);
  });

  it('bring an answer later, of what the server did at once', async () => {
    cluster.faults.add({ effect: { kind: 'late-answer', delayMs: 1_000 } });
    const creation = client.post(SECRETS, { metadata: { name: 'a' } });
    let isAnswered = false;
    void creation.then(() => (isAnswered = true));
    await clock.advance(999);
    expect(isAnswered).toBe(false);
    expect(cluster.kubectl.get(SECRET)).toBeDefined();

    cluster.kubectl.annotate(SECRET, { note: '1' });
    await clock.advance(1);
    expect((await creation).body.metadata.annotations).toBeUndefined();
  });

  it('bring everything on a watch later, in order, and nothing once it is left', async () => {
    cluster.faults.add({ effect: { kind: 'delay-events', delayMs: 1_000 } });
    const watch = await client.watch(`${SECRETS}?resourceVersion=${cluster.revision}`);
    cluster.kubectl.createSecret('team', 'a', {});
    await clock.advance(500);
    cluster.kubectl.annotate(SECRET, { note: '1' });
    const seen: (string | undefined)[] = [];
    const reading = (async () => {
      for (;;) {
        const frame = await watch.next();
        if (frame === undefined) return;
        seen.push(frame.type);
      }
    })();
    await clock.advance(499);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual(['ADDED']);
    await clock.advance(500);
    expect(seen).toEqual(['ADDED', 'MODIFIED']);

    cluster.kubectl.delete(SECRET);
    for (const open of cluster.openWatches) open.end();
    await reading;
    expect(clock.pending).toBe(0);
    expect(seen).toHaveLength(2);
  });

  it('add a delay of the answer to one of the events', async () => {
    cluster.faults.add({ effect: { kind: 'delay', delayMs: 100 } });
    cluster.faults.add({ effect: { kind: 'delay-events', delayMs: 100 } });
    cluster.faults.add({ effect: { kind: 'withhold-events' } });
    const opening = client.watch(
      `${SECRETS}?allowWatchBookmarks=true&resourceVersion=${cluster.revision}`,
    );
    await clock.advance(100);
    const watch = await opening;
    cluster.kubectl.createSecret('team', 'a', {});
    await clock.advance(60_000);
    await clock.advance(100);
    expect((await watch.next())?.type).toBe('BOOKMARK');
    watch.leave();
    await settle();
  });

  it('start a watch from now in the past, from where it catches up', async () => {
    cluster.kubectl.createSecret('team', 'a', {});
    const past = cluster.revision;
    cluster.kubectl.annotate(SECRET, { note: '1' });
    cluster.kubectl.createSecret('team', 'b', {});
    cluster.faults.add({ effect: { kind: 'stale', revision: past } });

    const watch = await client.watch(`${SECRETS}?allowWatchBookmarks=true`);
    const frames = await watch.take(4);
    watch.leave();

    expect(frames.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['BOOKMARK', undefined],
      ['MODIFIED', 'a'],
      ['ADDED', 'b'],
    ]);
    expect(frames[1]?.object.metadata.resourceVersion).toBe(String(past));
  });
});
