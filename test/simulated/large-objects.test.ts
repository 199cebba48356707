/** The whole controller over the simulator, with objects that are too large to be read: unknown, never absent. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import { OPTED_IN, OPTED_OUT, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const APP = { kind: 'ServiceAccount', namespace: 'team', name: 'app' } as const;
const TEAM = { kind: 'Namespace', name: 'team' } as const;
const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
/** More than 512 KiB. */
const FAT_LIST = { imagePullSecrets: [{ name: 'x'.repeat(600_000) }] };
const LABELS = Array.from({ length: 6_000 }, (_, n) => `${'k'.repeat(40)}-${n}`);
const fatLabels = (value: string | null) => ({
  metadata: { labels: Object.fromEntries(LABELS.map((key) => [key, value])) },
});
const FAT = fatLabels('v'.repeat(60));
const THIN = fatLabels(null);

describe('objects that are too large to be read', () => {
  let world: SimulatedWorld;
  let run: SimulatedController;
  openWorlds((opened) => {
    world = opened;
    world.optIn('team', 'other');
    world.kubectl.create(APP);
  });
  beforeEach(async () => {
    run = await world.run();
    expect(world.unready(['team', 'other'])).toEqual([]);
  });

  const create = (name: string): void => {
    world.kubectl.create({ kind: 'ServiceAccount', namespace: 'team', name });
  };
  const events = (namespace = 'team') =>
    world.kubectl
      .list('Event')
      .filter((event) => event.metadata.namespace === namespace && event['type'] === 'Warning')
      .map((event) => String(event['reason']));
  /** Everything is listed again, from a server that has compacted the place of the watches. */
  const relist = async (): Promise<void> => {
    world.annotate('other', { change: String(world.simulator.revision) });
    world.simulator.cutWatches();
    world.simulator.compact();
    await world.clock.advance(MINUTE_MS);
  };

  it('do not keep the controller from serving all others', async () => {
    world.kubectl.patch(APP, FAT_LIST);
    world.kubectl.patch(TEAM, FAT);
    await world.clock.advance(1_000);
    const again = await world.run();
    world.optIn('new');
    await world.clock.advance(MINUTE_MS);

    expect(world.unready(['other', 'new'])).toEqual([]);
    expect(again.faults).toEqual([]);
    expect(run.faults).toEqual([]);
  });

  describe('a ServiceAccount', () => {
    it('is left alone, and the rest of its namespace is served', async () => {
      world.kubectl.patch(APP, FAT_LIST);
      await world.clock.advance(1_000);
      const writes = world.watchWrites();
      create('late');
      await relist();

      expect(world.references('team', 'late')).toEqual([SECRET_NAME]);
      expect(writes().filter((write) => write.includes('/app'))).toEqual([]);
      expect(events()).toEqual(['ObjectTooLarge']);
      expect(await run.scrape('objects_too_large', { resource: 'serviceaccounts' })).toBe(1);
      expect(await run.scrape('namespaces_stalled', { reason: 'ObjectTooLarge' })).toBe(1);
      expect(run.log.messages('warn')).toContain('object is too large to be read');
    });

    it('is attached again when it is small again', async () => {
      world.kubectl.patch(APP, FAT_LIST);
      await relist();
      world.kubectl.patch(APP, { imagePullSecrets: [{ name: 'mine' }] });
      await world.clock.advance(1_000);

      expect(world.references('team', 'app')).toEqual(['mine', SECRET_NAME]);
      expect(await run.scrape('objects_too_large', { resource: 'serviceaccounts' })).toBe(0);
      expect(await run.scrape('namespaces_stalled', { reason: 'ObjectTooLarge' })).toBe(0);
    });

    it('is forgotten when it is deleted', async () => {
      world.kubectl.patch(APP, FAT_LIST);
      await world.clock.advance(1_000);
      world.kubectl.delete(APP);
      await world.clock.advance(1_000);

      expect(await run.scrape('objects_too_large')).toBe(0);
      expect(await run.scrape('namespaces_stalled')).toBe(0);
    });

    it('that grows while it is attached is not read again and again', async () => {
      create('growing');
      world.kubectl.patch({ ...APP, name: 'growing' }, FAT_LIST);
      const requests = world.watchRequests();
      await world.clock.advance(10 * MINUTE_MS);

      expect(requests().filter(({ path }) => path.endsWith('/growing')).length).toBeLessThan(5);
      expect(world.references('team', 'growing')).toHaveLength(1);
    });

    it('does not keep a Secret from being removed', async () => {
      world.kubectl.patch(APP, FAT_LIST);
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(12 * MINUTE_MS);

      expect(world.secret('team')).toBeUndefined();
      expect(world.references('team')).toEqual([]);
      expect(world.references('team', 'app')).toHaveLength(1);
    });

    it('is nobody’s trouble in a namespace that is not opted in', async () => {
      world.kubectl.createNamespace('stranger');
      world.kubectl.create({ ...APP, namespace: 'stranger' }, FAT_LIST);
      await relist();

      expect(events('stranger')).toEqual([]);
      expect(await run.scrape('namespaces_stalled')).toBe(0);
      expect(await run.scrape('objects_too_large', { resource: 'serviceaccounts' })).toBe(1);
    });

    it('with a long list is read before its list is changed, so that nothing of it is lost', async () => {
      const long = Array.from({ length: 500 }, (_, n) => ({ name: `secret-${n}` }));
      world.kubectl.patch(APP, { imagePullSecrets: long });
      await world.clock.advance(1_000);
      expect(world.references('team', 'app')).toEqual([
        ...long.map(({ name }) => name),
        SECRET_NAME,
      ]);

      world.annotate('team', OPTED_OUT);
      await world.clock.advance(12 * MINUTE_MS);

      expect(world.references('team', 'app')).toEqual(long.map(({ name }) => name));
    });
  });

  describe('a Namespace', () => {
    it('is frozen: its tokens are refreshed, and nothing else changes', async () => {
      world.kubectl.patch(TEAM, FAT);
      await world.clock.advance(1_000);
      world.annotate('team', OPTED_OUT);
      create('late');
      const writes = world.watchWrites();
      await relist();
      await world.clock.advance(12 * HOUR_MS);

      expect(world.isLive('team')).toBe(true);
      expect(world.references('team', 'late')).toEqual([]);
      expect(writes().some((write) => write.startsWith('DELETE'))).toBe(false);
      expect(new Set(events())).toEqual(new Set(['ObjectTooLarge']));
      expect(await run.scrape('objects_too_large', { resource: 'namespaces' })).toBe(1);
    });

    it('gets no token of a profile that asks for labels', async () => {
      const config = (selector: string) => `
profiles:
  default:
    registries: [123456789012.dkr.ecr.eu-west-1.amazonaws.com]
    allowedNamespaces: ${selector}
`;
      world.kubectl.patch(TEAM, FAT);
      run.config = config('{selector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}');
      await world.clock.advance(12 * HOUR_MS);
      expect(world.isLive('team')).toBe(false);
      expect(world.isLive('other')).toBe(true);

      run.config = config('{names: [team, other]}');
      await world.clock.advance(MINUTE_MS);
      expect(world.isLive('team')).toBe(true);
    });

    it('gets no Secret if it is first seen like that', async () => {
      world.kubectl.createNamespace('fat', OPTED_IN);
      world.kubectl.patch({ ...TEAM, name: 'fat' }, FAT);
      const again = await world.run();
      await run.stop();
      world.kubectl.delete({ ...SECRET, namespace: 'fat' });
      await world.clock.advance(10 * MINUTE_MS);

      expect(again.faults).toEqual([]);
      expect(world.secret('fat')).toBeUndefined();
      world.kubectl.patch({ ...TEAM, name: 'fat' }, THIN);
      await world.clock.advance(1_000);
      expect(world.unready(['fat'])).toEqual([]);
    });

    it('gets what it asks for when it is small again', async () => {
      world.kubectl.patch(TEAM, FAT);
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(HOUR_MS);
      expect(world.secret('team')).toBeDefined();

      world.kubectl.patch(TEAM, THIN);
      await world.clock.advance(12 * MINUTE_MS);

      expect(world.secret('team')).toBeUndefined();
    });

    it('is gone when it is deleted', async () => {
      world.kubectl.patch(TEAM, FAT);
      await world.clock.advance(1_000);
      world.kubectl.delete(TEAM);
      await world.clock.advance(MINUTE_MS);

      expect(await run.scrape('objects_too_large')).toBe(0);
      expect(await run.scrape('managed_secrets')).toBe(1);
    });
  });

  describe('a Secret', () => {
    it('is neither changed nor removed, and still counts as ours', async () => {
      world.kubectl.patch(SECRET, FAT);
      await world.clock.advance(1_000);
      const writes = world.watchWrites();
      create('late');
      await relist();
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(HOUR_MS);

      expect(writes().filter((write) => write.includes('/team/'))).toEqual([]);
      expect(events()).toEqual(expect.arrayContaining(['ObjectTooLarge']));
      expect(await run.scrape('managed_secrets', { state: 'blocked' })).toBe(1);
      expect(await run.scrape('managed_secrets')).toBe(2);
      expect(await run.scrape('removals_pending')).toBe(0);
    });

    it('is not created again over one that is first seen like that', async () => {
      world.kubectl.patch(SECRET, FAT);
      await run.stop();
      const again = await world.run();
      const writes = world.watchWrites();
      await world.clock.advance(HOUR_MS);

      expect(writes().filter((write) => write.includes('/team/'))).toEqual([]);
      expect(again.faults).toEqual([]);
    });

    it('is served again when it is small again', async () => {
      world.kubectl.patch(SECRET, FAT);
      await world.clock.advance(12 * HOUR_MS);
      expect(world.isLive('team')).toBe(false);

      world.kubectl.patch(SECRET, THIN);
      await world.clock.advance(1_000);

      expect(world.unready(['team'])).toEqual([]);
      expect(await run.scrape('namespaces_stalled')).toBe(0);
    });
  });
});
