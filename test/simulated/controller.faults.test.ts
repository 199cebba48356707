/** The whole controller over the simulator, with every fault that an API server and its connections can have. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultEffect } from '../../simulator/faults.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { OUR_USER } from '../support/cluster/install.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import {
  OPTED_IN,
  OPTED_OUT,
  type SimulatedWorld,
  OUR_RULES,
} from '../support/simulated/simulated-world.ts';
import { itShares, share } from '../support/suite/share.ts';

const names = Array.from({ length: 12 }, (_, n) => `team-${n}`);

describe('the controller on the simulator, with faults', () => {
  let world: SimulatedWorld;
  openWorlds((opened) => {
    world = opened;
    world.optIn(...names);
  });
  const deletions = () => world.simulator.writes.filter(({ method }) => method === 'DELETE');

  describe('of watches', () => {
    beforeEach(async () => {
      await world.run();
    });
    const BREAKS: Readonly<Record<string, () => unknown>> = {
      'are cut': () => world.simulator.cutWatches(),
      'are cut within a line': () => world.simulator.cutWatches({ midLine: true }),
      'end in good order': () => world.simulator.openWatches.map((watch) => watch.end()),
      'fall silent': () => world.simulator.openWatches.map((watch) => watch.silence()),
      'send junk': () => world.simulator.openWatches.map((watch) => watch.send('junk\n')),
      'are cut, and their place is compacted away': () => {
        world.annotate('team-3', { change: String(world.simulator.revision) });
        world.simulator.cutWatches();
        world.simulator.compact();
      },
    };

    it.each(Object.entries(BREAKS))('converges when they %s', async (_, breakThem) => {
      for (let n = 0; n < 5; n += 1) {
        breakThem();
        // What happens in the meantime must not be missed.
        world.optIn(`new-${n}`);
        world.kubectl.delete({ kind: 'Secret', namespace: 'team-1', name: SECRET_NAME });
        world.kubectl.patch(
          { kind: 'ServiceAccount', namespace: 'team-2', name: 'default' },
          { imagePullSecrets: [{ name: 'mine' }] },
        );
        await world.clock.advance(3 * MINUTE_MS);
        expect(world.unready([...names, `new-${n}`])).toEqual([]);
        expect(world.references('team-2')).toEqual(['mine', SECRET_NAME]);
        world.kubectl.delete({ kind: 'Namespace', name: `new-${n}` });
        await world.clock.advance(MINUTE_MS);
      }
      expect(deletions()).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
      expect(world.runs[0]?.faults).toEqual([]);
      expect(world.runs[0]?.log.messages('error')).toEqual([]);
    });
  });

  describe('of lists', () => {
    it('removes nothing because of a stale list', async () => {
      const { revision } = world.simulator;
      const first = await world.run();
      await first.stop();
      world.simulator.faults.add({ times: 3, effect: { kind: 'stale', revision } });
      await world.run();
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(deletions()).toEqual([]);
    });

    it('opts nobody out because of a stale namespace', async () => {
      for (const name of names.slice(0, 3)) world.annotate(name, OPTED_OUT);
      await world.clock.advance(1000);
      const { revision } = world.simulator;
      for (const name of names.slice(0, 3)) world.annotate(name, OPTED_IN);
      const first = await world.run();
      await first.stop();
      // The watch that follows delivers nothing either.
      const isOfNamespaces = ({ path }: { readonly path: string }) => path === '/api/v1/namespaces';
      world.simulator.faults.add({ match: isOfNamespaces, effect: { kind: 'stale', revision } });
      world.simulator.faults.add({ match: isOfNamespaces, effect: { kind: 'withhold-events' } });
      await world.run();
      await world.clock.advance(20 * MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(deletions()).toEqual([]);
    });

    it('lets no token expire of a Secret whose change or deletion no watch delivers', async () => {
      world.minter.lifeMs = 10 * MINUTE_MS;
      await world.run();
      for (const watch of world.simulator.openWatches) watch.withholdEvents();
      world.simulator.faults.add({
        times: Infinity,
        match: ({ query }) => query.includes('watch=true'),
        effect: { kind: 'withhold-events' },
      });
      const [deleted = '', ...touched] = names.slice(0, 3);
      for (const namespace of touched) {
        world.kubectl.annotate({ kind: 'Secret', namespace, name: SECRET_NAME }, { note: 'x' });
      }
      world.kubectl.delete({ kind: 'Secret', namespace: deleted, name: SECRET_NAME });
      await world.clock.advance(8 * MINUTE_MS);
      const writes = world.watchWrites();

      const expired = await world.advance(20 * MINUTE_MS, {
        everyMs: 10_000,
        find: () => world.unready(names),
      });

      expect(expired).toEqual([]);
      expect(writes().filter((write) => write.endsWith('409'))).toEqual([]);
    });

    it('does nothing while the ServiceAccounts or Secrets are missing, and is not ready', async () => {
      for (const path of ['/api/v1/serviceaccounts', '/api/v1/secrets', '/api/v1/namespaces']) {
        const lift = world.simulator.faults.add({
          times: Infinity,
          effect: { kind: path.endsWith('secrets') ? 'refuse' : 'hang' },
          match: (request) => request.path === path,
        });
        const writes = world.watchWrites();
        const run = await world.run();
        await world.clock.advance(10 * MINUTE_MS);
        expect(writes()).toEqual([]);
        expect(run.faults).not.toEqual([]);
        lift();
        await world.clock.advance(2 * MINUTE_MS);
        expect(world.unready(names)).toEqual([]);
        expect(run.faults).toEqual([]);
        await run.stop();
      }
    });
  });

  describe('of the whole server', () => {
    const DOWN: Readonly<Record<string, FaultEffect>> = {
      'refuses connections': { kind: 'refuse' },
      'answers 503': { kind: 'answer', status: 503, body: {} },
      'answers 500': { kind: 'answer', status: 500, body: {} },
      'answers 429': { kind: 'answer', status: 429, body: {}, retryAfterSeconds: 1 },
      'never answers': { kind: 'hang' },
      'answers with a proxy’s page': { kind: 'answer', status: 502, body: '<html>bad</html>' },
      'answers 401': { kind: 'answer', status: 401, body: {} },
    };

    it.each(Object.entries(DOWN))('converges when it %s for 10 minutes', async (_, effect) => {
      const run = await world.run();
      const requests = world.watchRequests();
      const lift = world.simulator.faults.add({ times: Infinity, effect });
      world.simulator.cutWatches();
      world.optIn('new');
      world.kubectl.delete({ kind: 'Secret', namespace: 'team-1', name: SECRET_NAME });
      await world.clock.advance(10 * MINUTE_MS);
      expect(run.faults).not.toEqual([]);
      // Three watches that back off up to 30 s with full jitter.
      expect(requests().length).toBeLessThanOrEqual(3 * 2 * 60);

      lift();
      await world.clock.advance(MINUTE_MS);
      expect(world.unready([...names, 'new'])).toEqual([]);
      expect(run.faults).toEqual([]);
      expect(deletions()).toEqual([]);
      if (effect.kind === 'answer' && effect.status === 401) world.ignoreViolations(': 401');
    });

    it('is idempotent when every third answer is lost, late or an error', async () => {
      const effects: readonly FaultEffect[] = [
        { kind: 'lose-answer' },
        { kind: 'delay', delayMs: 1500 },
        { kind: 'answer', status: 500, body: {} },
        { kind: 'cut-body', afterBytes: 10 },
        { kind: 'answer', status: 429, body: {}, retryAfterSeconds: 1 },
      ];
      let n = 0;
      for (const [index, effect] of effects.entries()) {
        const match = ({ query }: { readonly query: string }) => {
          if (query.includes('watch')) return false;
          n += 1;
          return n % 15 === index * 3;
        };
        world.simulator.faults.add({ times: Infinity, effect, match });
      }
      world.minter.lifeMs = HOUR_MS;
      await world.run();
      await world.clock.advance(5 * MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
      for (const name of names.slice(0, 4)) world.annotate(name, OPTED_OUT);
      await world.clock.advance(12 * MINUTE_MS);
      expect(names.filter((name) => world.secret(name) === undefined)).toEqual(names.slice(0, 4));
      expect(world.unready(names.slice(4))).toEqual([]);
      await world.clock.advance(40 * MINUTE_MS);
      expect(world.unready(names.slice(4))).toEqual([]);
    });

    it('leaves the others alone when the writes of one namespace hang', async () => {
      await world.run();
      world.simulator.faults.add({
        times: Infinity,
        effect: { kind: 'hang' },
        match: ({ method, path }) => method === 'PATCH' && path.includes('/slow'),
      });
      world.optIn('slow', 'quick');
      await world.clock.advance(500);
      expect(world.unready(['quick'])).toEqual([]);
    });
  });

  describe('of permissions', () => {
    it('requests nothing that manifests/install.yaml does not grant', async () => {
      const requests = world.watchRequests();
      world.minter.lifeMs = HOUR_MS;
      const run = await world.run();
      world.annotate('team-0', OPTED_OUT);
      world.annotate('team-1', { 'ecr-pull-secrets.io/profiles': 'unknown' });
      world.kubectl.patch(
        { kind: 'Secret', namespace: 'team-2', name: SECRET_NAME },
        { metadata: { labels: null } },
      );
      await world.clock.advance(40 * MINUTE_MS);
      run.sweep();
      await world.clock.advance(MINUTE_MS);
      const kinds = new Set(requests().map(({ method }) => method));
      expect(kinds).toEqual(new Set(['GET', 'PATCH', 'POST', 'DELETE']));
      expect(requests().filter(({ status }) => status >= 400)).toEqual([]);
      const ofSecrets = requests().filter(({ path }) => path.includes('/secrets'));
      const isOurs = (path: string, query: string) =>
        path.endsWith(`/secrets/${SECRET_NAME}`) ||
        query.includes(`fieldSelector=metadata.name%3D${SECRET_NAME}`);
      expect(ofSecrets.filter(({ path, query }) => !isOurs(path, query))).toEqual([]);
    });

    itShares('removes nothing when it may no longer read anything', async () => {
      const run = await world.run();
      world.simulator.setAccess(OUR_USER, []);
      world.simulator.cutWatches();
      await world.clock.advance(share(1, 10) * HOUR_MS);
      expect(run.faults).toHaveLength(3);
      expect(deletions()).toEqual([]);
      expect(names.filter((name) => world.secret(name) === undefined)).toEqual([]);
      world.simulator.setAccess(OUR_USER, OUR_RULES);
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      world.ignoreViolations(': 403');
    });

    it('converges when it starts without permissions and gets them later', async () => {
      world.simulator.setAccess(OUR_USER, []);
      const run = await world.run();
      await world.clock.advance(5 * MINUTE_MS);
      expect(run.faults).toHaveLength(3);
      world.simulator.setAccess(OUR_USER, OUR_RULES);
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(run.faults).toEqual([]);
      world.ignoreViolations(': 403');
    });
  });
});
