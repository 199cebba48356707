/** What only the simulator has: faults, the log, changes by other people, and a clock that tests move. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { ContractClient } from '../../contract/servers/contract-client.ts';
import { VirtualClock, settle } from '../../../simulator/ground/virtual-clock.ts';

const NAMESPACE = '/api/v1/namespaces/team';
const SECRETS = `${NAMESPACE}/secrets`;
const SECRET = { kind: 'Secret', namespace: 'team', name: 'a' } as const;

describe('SimulatedCluster', () => {
  let clock: VirtualClock;
  let cluster: SimulatedCluster;
  let client: ContractClient;
  beforeEach(() => {
    clock = new VirtualClock();
    cluster = new SimulatedCluster({ clock });
    cluster.kubectl.createNamespace('team');
    client = new ContractClient(cluster.wire());
  });

  it('creates the default ServiceAccount a little later, on the clock', async () => {
    const account = { kind: 'ServiceAccount', namespace: 'team', name: 'default' } as const;
    expect(cluster.kubectl.get(account)).toBeUndefined();
    await clock.advance(5);
    expect(cluster.kubectl.get(account)).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  it('logs every request with its status and user, and distinguishes writes from reads', async () => {
    await client.get(`${SECRETS}?limit=5`);
    await client.post(SECRETS, { metadata: { name: 'a' } });
    const stranger = new ContractClient(cluster.wire('stranger'));
    await stranger.delete(`${SECRETS}/a`);

    expect(cluster.requests).toEqual([
      { method: 'GET', path: SECRETS, query: 'limit=5', user: 'admin', status: 200 },
      { method: 'POST', path: SECRETS, query: '', user: 'admin', status: 201 },
      { method: 'DELETE', path: `${SECRETS}/a`, query: '', user: 'stranger', status: 403 },
    ]);
    expect(cluster.writes).toHaveLength(2);
  });

  it('lets a test tamper with an object, as another manager', () => {
    cluster.kubectl.createSecret('team', 'a', { stringData: { key: 'value' } });
    cluster.kubectl.annotate(SECRET, { note: '1' });
    cluster.kubectl.patch(SECRET, { data: { key: 'AAAA' } });

    const managers = cluster.kubectl.get(SECRET)?.metadata.managedFields?.map((one) => one.manager);
    expect(managers).toEqual(['kubectl-annotate', 'kubectl-create', 'kubectl-edit']);
    expect(cluster.requests).toEqual([]);
    expect(cluster.changes.slice(-3).map(({ type }) => type)).toEqual([
      'ADDED',
      'MODIFIED',
      'MODIFIED',
    ]);
  });

  it('refuses loudly what real servers support and it does not', async () => {
    const dry = client.get(`${SECRETS}?dryRun=All`);
    await expect(dry).rejects.toThrow('does not support the parameter dryRun');
  });

  it('refuses strategic merge patches as a real server refuses them for custom resources', async () => {
    cluster.kubectl.createSecret('team', 'a', {});
    const contentType = 'application/strategic-merge-patch+json';
    const { status, body } = await client.merge(`${SECRETS}/a`, {}, { contentType });
    expect(status).toBe(415);
    expect(body['message']).toContain('accepted media types include: application/json-patch+json');
  });

  it('shows an unscheduled Pod as terminating, then gone, as a real server does', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await clock.advance(5);
    const spec = { containers: [{ name: 'app', image: 'example.io/app:1' }] };
    await client.post(pods, { metadata: { name: 'web' }, spec });
    await client.delete(`${pods}/web`);

    const changes = cluster.changes.filter(({ resource }) => resource === 'pods');
    expect(changes.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    const terminating = {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    };
    expect(changes.slice(1).map(({ object }) => object.metadata)).toMatchObject([
      terminating,
      terminating,
    ]);
  });

  it('refuses a dry run of anything but all, and nothing happens', async () => {
    const before = cluster.revision;
    const call = client.deleteWith(NAMESPACE, { dryRun: ['Some'] });

    await expect(call).rejects.toThrow('no other dry run than All');
    expect(cluster.revision).toBe(before);
  });

  it('shows nobody what a dry run changes, not even a namespace’s controllers', async () => {
    await clock.advance(1_000);
    const before = cluster.revision;
    await client.deleteWith(NAMESPACE, { dryRun: ['All'] });
    await client.post('/api/v1/namespaces?dryRun=All', { metadata: { name: 'never' } });
    await clock.advance(1_000);

    expect(cluster.revision).toBe(before);
  });

  describe('with faults', () => {
    it('answers instead of the server as often as asked, then normally again', async () => {
      const body = { kind: 'Status', code: 503 };
      const effect = { kind: 'answer', status: 503, body, retryAfterSeconds: 7 } as const;
      cluster.faults.add({ effect, times: 2, match: ({ method }) => method === 'POST' });

      const read = await client.get(SECRETS);
      const first = await client.post(SECRETS, { metadata: { name: 'a' } });
      const second = await client.post(SECRETS, { metadata: { name: 'a' } });
      const third = await client.post(SECRETS, { metadata: { name: 'a' } });

      expect([read, first, second, third].map(({ status }) => status)).toEqual([
        200, 503, 503, 201,
      ]);
      expect(first).toMatchObject({ body, headers: { 'retry-after': '7' } });
    });

    it('delays on the clock, and combines a delay with another fault', async () => {
      cluster.faults.add({ effect: { kind: 'delay', delayMs: 100 } });
      cluster.faults.add({ effect: { kind: 'answer', status: 500 } });
      let status = 0;
      void client.get(NAMESPACE).then((answer) => {
        status = answer.status;
      });
      await clock.advance(99);
      expect(status).toBe(0);
      await clock.advance(1);
      expect(status).toBe(500);
    });

    it('breaks before the request is read, or after the server has acted', async () => {
      cluster.faults.add({ effect: { kind: 'refuse' } });
      const refused = client.post(SECRETS, { metadata: { name: 'a' } });
      await expect(refused).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(cluster.kubectl.get(SECRET)).toBeUndefined();

      cluster.faults.add({ effect: { kind: 'lose-answer' } });
      const lost = client.post(SECRETS, { metadata: { name: 'a' } });
      await expect(lost).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(cluster.kubectl.get(SECRET)).toBeDefined();
      expect(cluster.requests.map(({ status }) => status)).toEqual([0, 0]);
    });

    it('breaks within a body', async () => {
      cluster.faults.add({ effect: { kind: 'cut-body', afterBytes: 10 } });
      await expect(client.get(NAMESPACE)).rejects.toMatchObject({ code: 'ECONNRESET' });
    });

    it('hangs until the client gives up', async () => {
      cluster.faults.add({ effect: { kind: 'hang' } });
      const leaving = new AbortController();
      const request = {
        method: 'GET',
        path: NAMESPACE,
        headers: {},
        signal: leaving.signal,
      } as const;
      const answer = cluster.wire().send(request);
      leaving.abort(new Error('tired'));
      await expect(answer).rejects.toThrow('tired');
    });

    it('lists from the past in answer to a given version', async () => {
      const past = cluster.revision;
      cluster.kubectl.createSecret('team', 'a', {});
      cluster.faults.add({ effect: { kind: 'stale', revision: past }, times: 2 });

      const list = await client.get(SECRETS);
      const newer = `resourceVersion=${past + 1}&resourceVersionMatch=NotOlderThan`;
      const refused = await client.get(`${SECRETS}?${newer}`);

      expect(list.body).toMatchObject({ metadata: { resourceVersion: String(past) }, items: [] });
      expect(refused.status).toBe(504);
    });

    it('lets somebody else write first: a write with the old version is refused, one without passes', async () => {
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

    it('lets nobody else write if there is no object, or none is named', async () => {
      cluster.faults.add({ effect: { kind: 'conflict' }, times: 2 });
      const before = cluster.revision;
      const missing = await client.merge(`${SECRETS}/none`, {});
      const created = await client.post(SECRETS, { metadata: { name: 'a' } });
      expect([missing.status, created.status]).toEqual([404, 201]);
      expect(cluster.revision).toBe(before + 1);
    });

    it('delays an answer, although the server has acted at once', async () => {
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

    it('delays everything on a watch, in order, and delivers nothing once the client has left', async () => {
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

    it('adds a delay of the answer to one of the events', async () => {
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

    it('starts a watch from now in the past, from where it catches up', async () => {
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

  describe('with a watch open', () => {
    const path = `${SECRETS}?allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=`;

    it('sends bookmarks every 60 s and counts open watches until they end', async () => {
      const watch = await client.watch(path + cluster.revision);
      expect(cluster.openWatches).toHaveLength(1);
      await clock.advance(120_000);
      const frames = await watch.take(2);
      await clock.advance(180_000);

      expect(frames.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK']);
      expect(cluster.openWatches).toHaveLength(0);
      expect(clock.pending).toBe(0);
    });

    it('forgets a watch that its client has left', async () => {
      const watch = await client.watch(path + cluster.revision);
      watch.leave();
      await settle();
      expect(cluster.openWatches).toHaveLength(0);
    });

    it('can withhold events under bookmarks that claim all is well', async () => {
      cluster.faults.add({ effect: { kind: 'withhold-events' } });
      const watch = await client.watch(path + cluster.revision);
      cluster.kubectl.createSecret('team', 'a', {});
      await clock.advance(60_000);

      const frame = await watch.next();
      expect(frame?.type).toBe('BOOKMARK');
      expect(frame?.object.metadata.resourceVersion).toBe(String(cluster.revision));
    });

    it('can be silent for ever, from the start or from now on', async () => {
      cluster.faults.add({ effect: { kind: 'silent-watch' } });
      const silent = await client.watch(SECRETS);
      const other = await client.watch(path + cluster.revision);
      for (const open of cluster.openWatches) open.silence();
      cluster.kubectl.createSecret('team', 'a', {});
      await clock.advance(200_000);
      for (const open of cluster.openWatches) open.end();

      expect([await silent.next(), await other.next()]).toEqual([undefined, undefined]);
    });

    it('can break in the middle of a line', async () => {
      const watch = await client.watch(path + cluster.revision);
      cluster.kubectl.createSecret('team', 'a', {});
      cluster.cutWatches({ midLine: true });

      expect((await watch.next())?.type).toBe('ADDED');
      await expect(watch.next()).rejects.toMatchObject({ code: 'ECONNRESET' });
    });

    it('forgets history beyond its limit, oldest first', async () => {
      cluster = new SimulatedCluster({ clock, historyLimit: 2 });
      client = new ContractClient(cluster.wire());
      const versions = [cluster.revision];
      for (const name of ['x', 'y', 'z']) {
        cluster.kubectl.createSecret('default', name, {});
        versions.push(cluster.revision);
      }
      const firstFrames = [];
      for (const version of versions.slice(0, 2)) {
        const watch = await client.watch(`/api/v1/secrets?resourceVersion=${version}`);
        firstFrames.push((await watch.next())?.type);
      }
      expect(firstFrames).toEqual(['ERROR', 'ADDED']);
    });
  });
});
