/**
 * The whole controller over the simulator: what it does for namespaces while nothing fails and only people make
 * changes.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LABELS, NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { SeenRequest } from '../../simulator/faults.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { CostlyClock } from '../support/ports/costly-clock.ts';
import { UNOBSERVED } from '../support/ports/unobserved-queue.ts';
import { perTurn } from '../support/suite/per-turn.ts';
import { CANARY } from '../support/suite/canary.ts';
import { HOST } from '../support/values/config-text.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import {
  OPTED_IN,
  OPTED_OUT,
  type SimulatedWorld,
  writesTo,
} from '../support/simulated/simulated-world.ts';

const TEAM = { kind: 'Namespace', name: 'team' } as const;
const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const ACCOUNT = { kind: 'ServiceAccount', namespace: 'team', name: 'default' } as const;
const OURS = { name: SECRET_NAME };
const DOCKER_TYPE = 'kubernetes.io/dockerconfigjson';
const EMPTY_CONFIG = btoa('{"auths":{}}');
const awsDown = () => new TransientError('AWS is down', { code: 'ECR_DOWN' });

describe('the controller on the simulator', () => {
  let world: SimulatedWorld;
  openWorlds((opened) => {
    world = opened;
  });

  describe('opting in', () => {
    it('gives a namespace its Secret and attaches it, with one call to AWS', async () => {
      world.optIn('team');
      world.kubectl.createServiceAccount('team', 'app', { imagePullSecrets: [{ name: 'mine' }] });
      world.kubectl.createNamespace('other');
      const run = await world.run();

      expect(world.unready(['team'])).toEqual([]);
      expect(world.references('team', 'app')).toEqual(['mine', SECRET_NAME]);
      expect(world.secret('team')).toMatchObject({
        type: DOCKER_TYPE,
        metadata: {
          labels: { [LABELS.managedBy]: 'ecr-pull-secrets', [LABELS.instance]: 'default' },
          annotations: {
            [SECRET_ANNOTATIONS.registries]: HOST,
          },
        },
      });
      expect(world.auths('team')).toEqual(new Map([[HOST, btoa(`AWS:${CANARY}-1`)]]));
      expect(world.secret('other')).toBeUndefined();
      expect(world.references('other')).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
      expect(world.reasons('team')).toEqual(['PullSecretCreated']);
      expect(await run.readState()).toMatchObject({ managedNamespaces: 1, removalsPending: 0 });
      expect(run.faults).toEqual([]);
      expect(run.log.messages('error')).toEqual([]);
      expect(run.log.messages('warn')).toEqual([]);
    });

    it('serves newcomers at once: a namespace, an annotation, a ServiceAccount', async () => {
      await world.run();
      world.optIn('new');
      world.kubectl.createNamespace('late');
      world.annotate('late', OPTED_IN);
      await world.clock.advance(100);
      expect(world.unready(['new', 'late'])).toEqual([]);

      world.kubectl.createServiceAccount('new', 'app');
      await world.clock.advance(100);
      expect(world.references('new', 'app')).toEqual([SECRET_NAME]);
      expect(world.minter.calls).toHaveLength(1);
    });

    it('attaches a new ServiceAccount while the namespace waits for AWS', async () => {
      await world.run();
      world.minter.hang();
      world.optIn('team');
      await world.clock.advance(500);
      world.kubectl.createServiceAccount('team', 'app');
      await world.clock.advance(500);
      expect(world.references('team', 'app')).toEqual([SECRET_NAME]);
      world.minter.release();
    });

    it('serves other namespaces at once while many wait for AWS', async () => {
      const names = Array.from({ length: 40 }, (_, n) => `team-${n}`);
      world.optIn(...names);
      await world.run();
      world.minter.hang();
      for (const name of names) {
        world.annotate(name, { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: 'now' });
      }
      await world.clock.advance(MINUTE_MS);
      world.optIn('new');
      world.kubectl.patch(
        { kind: 'Secret', namespace: 'team-1', name: SECRET_NAME },
        { metadata: { labels: null } },
      );
      await world.clock.advance(500);
      expect(world.references('new')).toEqual([SECRET_NAME]);
      world.minter.release();
      await world.clock.advance(MINUTE_MS);
      expect(world.unready([...names, 'new'])).toEqual([]);
    });

    it('writes many Secrets in portions, so that the rest of the process can run in between', async () => {
      const clock = new CostlyClock(world.clock, 0);
      let writes = 0;
      const count = 40;
      world.minter.hang();
      world.optIn(...Array.from({ length: count }, (_, n) => `team-${n}`));
      await world.run({
        clock,
        plant: (parts) => ({
          ...parts,
          pullSecrets: {
            ...parts.pullSecrets,
            write: (...call) => {
              writes += 1;
              clock.spend(4);
              return parts.pullSecrets.write(...call);
            },
          },
        }),
      });
      await world.clock.advance(MINUTE_MS);
      expect(writes).toBe(0);
      world.minter.release();
      const inEach = await perTurn(
        () => writes,
        () => writes === count,
      );

      expect(Math.max(...inEach)).toBeLessThanOrEqual(3);
    });

    it('writes nothing and does not call AWS when it restarts and everything is in place', async () => {
      world.optIn('a', 'b', 'c');
      world.kubectl.createServiceAccount('a', 'app', { imagePullSecrets: [{ name: 'mine' }] });
      const first = await world.run();
      await first.stop();
      const writes = world.watchWrites();
      const second = await world.run();
      await world.clock.advance(HOUR_MS);
      const passes = await second.scrape('reconcile_total', { result: 'requeue_after' });
      second.sweep();
      await world.clock.advance(MINUTE_MS);

      expect(await second.scrape('reconcile_total', { result: 'requeue_after' })).toBe(passes + 3);
      expect(writes()).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
      expect(second.log.messages('warn')).toEqual([]);
    });

    it('detaches a ServiceAccount that is no longer listed at once, without reading the namespace', async () => {
      world.optIn('team');
      await world.run();
      const requests = world.watchRequests();
      world.annotate('team', { [NAMESPACE_ANNOTATIONS.serviceAccounts]: 'none' });
      await world.clock.advance(100);

      expect(world.references('team')).toEqual([]);
      expect(requests().map(({ method, path }) => `${method} ${path}`)).toEqual([
        'PATCH /api/v1/namespaces/team/serviceaccounts/default',
      ]);
    });

    it('sweeps many namespaces in portions, so that the rest of the process can run in between', async () => {
      let passes = 0;
      const queueObserver = { ...UNOBSERVED, done: () => void (passes += 1) };
      const run = await world.run({
        clock: new CostlyClock(world.clock),
        plant: (parts) => ({ ...parts, queueObserver }),
      });
      const count = 300;
      for (let n = 0; n < count; n += 1) world.kubectl.createNamespace(`plain-${n}`);
      await world.clock.advance(MINUTE_MS);
      passes = 0;
      run.sweep();
      const inEach = await perTurn(
        () => passes,
        () => passes >= count,
      );

      expect(inEach.length).toBeGreaterThanOrEqual(count / 10);
      expect(Math.max(...inEach)).toBeLessThanOrEqual(10);
    });

    it('leaves a terminating namespace alone, and treats its successor as a new one', async () => {
      const run = await world.run();
      world.optIn('team');
      await world.clock.advance(1000);
      world.kubectl.delete(TEAM);
      const writes = world.watchWrites();
      await world.clock.advance(1000);
      expect(writes()).toEqual([]);

      world.optIn('team');
      await world.clock.advance(1000);
      expect(world.unready(['team'])).toEqual([]);
      expect(run.log.messages('warn')).toEqual([]);
    });

    it('reports nothing about a namespace that is deleted while its Secret is being written', async () => {
      const run = await world.run();
      world.minter.hang();
      world.optIn('team');
      await world.clock.advance(500);
      world.kubectl.delete(TEAM);
      world.minter.release();
      await world.clock.advance(MINUTE_MS);
      expect(run.log.messages('warn')).toEqual([]);
      expect(await run.scrape('events_dropped_total')).toBe(0);
    });
  });

  describe('a request for a refresh', () => {
    it('costs one call for any number of namespaces, and refreshes each once', async () => {
      const names = Array.from({ length: 20 }, (_, n) => `team-${n}`);
      world.optIn(...names);
      await world.run();
      await world.clock.advance(HOUR_MS);
      const writes = world.watchWrites();
      for (const name of names) {
        world.annotate(name, { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: 'now' });
        await world.clock.advance(1000);
      }
      await world.clock.advance(MINUTE_MS);
      expect(new Set(names.map((name) => world.tokenNumber(name)))).toEqual(new Set([2]));
      expect(writes()).toHaveLength(names.length);
      expect(world.minter.calls).toHaveLength(2);
    });
  });

  it('re-creates a deleted Secret without a call, although a refresh was once requested', async () => {
    world.kubectl.createNamespace('team', {
      ...OPTED_IN,
      [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: '1',
    });
    await world.run();
    await world.clock.advance(HOUR_MS);
    const { length } = world.minter.calls;
    world.kubectl.delete(SECRET);
    await world.clock.advance(1000);

    expect(world.unready(['team'])).toEqual([]);
    expect(world.minter.calls).toHaveLength(length);
    expect(world.secret('team')?.metadata.annotations).toMatchObject({
      [SECRET_ANNOTATIONS.refreshRequestedAt]: '1',
    });
  });

  describe('repairing', () => {
    beforeEach(async () => {
      world.optIn('team');
      await world.run();
      await world.clock.advance(HOUR_MS);
    });
    const whole = async (change: () => void) => {
      const before = world.secret('team');
      world.byPeople(change);
      await world.clock.advance(2000);
      expect(world.secret('team')).toMatchObject({
        type: DOCKER_TYPE,
        data: before?.['data'],
        metadata: { labels: before?.metadata.labels, annotations: before?.metadata.annotations },
      });
      expect(world.unready(['team'])).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
      // And it stays that way.
      const writes = world.watchWrites();
      await world.clock.advance(10 * MINUTE_MS);
      expect(writes()).toEqual([]);
    };
    const forge = (key: string, value: string | null) => () =>
      world.kubectl.annotate(SECRET, { [key]: value });

    it.each([
      ['a deleted Secret', () => world.kubectl.delete(SECRET)],
      [
        'changed data',
        () => world.kubectl.patch(SECRET, { data: { '.dockerconfigjson': EMPTY_CONFIG } }),
      ],
      [
        'data that another manager has applied by force',
        () => {
          const body = {
            metadata: { name: SECRET_NAME },
            data: { '.dockerconfigjson': EMPTY_CONFIG },
          };
          world.kubectl.apply(SECRET, body, { manager: 'flux', force: true });
        },
      ],
      [
        'a stripped label',
        () => world.kubectl.patch(SECRET, { metadata: { labels: { [LABELS.managedBy]: null } } }),
      ],
      ['all labels stripped', () => world.kubectl.patch(SECRET, { metadata: { labels: null } })],
      [
        'a changed instance',
        () => world.kubectl.patch(SECRET, { metadata: { labels: { [LABELS.instance]: 'x' } } }),
      ],
      ['a forged expiry', forge(SECRET_ANNOTATIONS.expiresAt, '2099-01-01T00:00:00Z')],
      ['a removed expiry', forge(SECRET_ANNOTATIONS.expiresAt, null)],
      ['forged tokens', forge(SECRET_ANNOTATIONS.tokens, '[]')],
      ['tokens that are not JSON', forge(SECRET_ANNOTATIONS.tokens, 'junk')],
      ['a forged hash', forge(SECRET_ANNOTATIONS.configHash, 'x')],
      ['forged registries', forge(SECRET_ANNOTATIONS.registries, 'evil.example')],
      [
        'all annotations stripped',
        () => world.kubectl.patch(SECRET, { metadata: { annotations: null } }),
      ],
      ['a removed reference', () => world.kubectl.patch(ACCOUNT, { imagePullSecrets: [] })],
      [
        'a reference that is there three times',
        () => world.kubectl.patch(ACCOUNT, { imagePullSecrets: [OURS, OURS, OURS] }),
      ],
      ['a re-created ServiceAccount', () => world.kubectl.delete(ACCOUNT)],
    ])('fixes %s at once, without AWS', async (_, change) => {
      await whole(change);
    });

    it('removes a key that somebody added next to ours', async () => {
      await whole(() => world.kubectl.patch(SECRET, { data: { other: 'AAAA' } }));
      expect(Object.keys(world.secret('team')?.['data'] ?? {})).toEqual(['.dockerconfigjson']);
    });

    it('removes a forged removal stamp', async () => {
      await whole(forge(SECRET_ANNOTATIONS.removalDueAt, '2020-01-01T00:00:00Z'));
      expect(world.secret('team')?.metadata.annotations).not.toHaveProperty([
        SECRET_ANNOTATIONS.removalDueAt,
      ]);
    });

    it('fixes after a restart with one call to AWS', async () => {
      await world.runs[0]?.stop();
      world.kubectl.patch(SECRET, { data: { '.dockerconfigjson': EMPTY_CONFIG } });
      const uid = world.secret('team')?.metadata.uid;
      await world.run();
      expect(world.unready(['team'])).toEqual([]);
      expect(world.secret('team')?.metadata.uid).toBe(uid);
      expect(world.reasons('team')).toContain('PullSecretRestored');
      expect(world.minter.calls).toHaveLength(2);
    });
  });

  it('refreshes a Secret in time although somebody keeps stripping its labels', async () => {
    world.optIn('team');
    await world.run();
    await world.clock.advance(4.8 * HOUR_MS - 10 * MINUTE_MS);
    const strip = () => world.kubectl.patch(SECRET, { metadata: { labels: null } });
    // Before we have the answer to our own write.
    const match = (request: SeenRequest) => {
      const isOurs = writesTo('/secrets/')(request);
      if (isOurs) world.clock.after(1, strip);
      return isOurs;
    };
    const effect = { kind: 'late-answer', delayMs: 2 } as const;
    world.simulator.faults.add({ effect, times: Infinity, match });
    strip();
    await world.clock.advance(1.4 * HOUR_MS);

    expect(world.tokenNumber('team')).toBe(2);
  });

  it('forgets a deleted namespace together with its failures', async () => {
    const profiles = { [NAMESPACE_ANNOTATIONS.profiles]: 'unknown' };
    world.kubectl.createNamespace('team', { ...OPTED_IN, ...profiles });
    const run = await world.run();
    expect((await run.readState())?.stalledNamespaces).toEqual(new Map([['UnknownProfile', 1]]));
    // Nobody sees it terminating: it is gone by the time the caches are filled again.
    world.simulator.cutWatches();
    world.kubectl.delete(TEAM);
    await world.clock.advance(100);
    world.simulator.compact();
    await world.clock.advance(MINUTE_MS);
    expect((await run.readState())?.stalledNamespaces).toEqual(new Map());
  });

  describe('where a foreign Secret exists', () => {
    const data = { '.dockerconfigjson': EMPTY_CONFIG };
    const labels = { [LABELS.managedBy]: 'ecr-pull-secrets' };

    it.each([
      ['of another type', { stringData: { a: 'b' } }, 'SecretNotOwned'],
      ['without a label', { type: DOCKER_TYPE, data }, 'SecretNotOwned'],
      [
        'of another instance',
        { type: DOCKER_TYPE, data, labels: { ...labels, [LABELS.instance]: 'other' } },
        'SecretNotOwned',
      ],
      [
        'of another type with our label',
        { stringData: { a: 'b' }, labels: { ...labels, [LABELS.instance]: 'default' } },
        'SecretTypeMismatch',
      ],
    ])('does not touch one %s, and reports it', async (_, secret, reason) => {
      world.kubectl.createNamespace('team');
      world.kubectl.createSecret('team', SECRET_NAME, secret);
      const before = world.secret('team');
      world.annotate('team', OPTED_IN);
      const run = await world.run();
      await world.clock.advance(3 * HOUR_MS);
      expect(await run.scrape('ownership_refused_total', { reason })).toBe(1);
      expect((await run.readState())?.stalledNamespaces).toEqual(new Map([[reason, 1]]));
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(HOUR_MS);

      expect(world.secret('team')).toEqual(before);
      expect(world.reasons('team')).toContain(reason);
      // Level-driven, but not a hot loop.
      expect(world.watchRequests()().length).toBeLessThan(200);
    });

    it('creates ours when it is deleted', async () => {
      world.kubectl.createNamespace('team');
      world.kubectl.createSecret('team', SECRET_NAME, { stringData: { a: 'b' } });
      world.annotate('team', OPTED_IN);
      await world.run();
      world.kubectl.delete(SECRET);
      await world.clock.advance(1000);
      expect(world.unready(['team'])).toEqual([]);
    });
  });

  describe('opting out', () => {
    beforeEach(async () => {
      world.optIn('team', 'other');
      world.kubectl.createServiceAccount('team', 'app', { imagePullSecrets: [{ name: 'mine' }] });
      await world.run();
      await world.clock.advance(HOUR_MS);
    });
    const isRemoved = () => world.secret('team') === undefined;

    it('detaches, then deletes, after the grace period', async () => {
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(9.9 * MINUTE_MS);
      expect(world.unready(['team'])).toEqual([]);

      const writes = world.watchWrites();
      await world.clock.advance(0.2 * MINUTE_MS);
      expect(isRemoved()).toBe(true);
      expect(world.references('team')).toEqual([]);
      expect(world.references('team', 'app')).toEqual(['mine']);
      expect(writes().map((write) => write.split(' ')[0])).toEqual(['PATCH', 'PATCH', 'DELETE']);
      expect(world.reasons('team')).toContain('PullSecretRemoved');
      expect(world.unready(['other'])).toEqual([]);
      await world.clock.advance(HOUR_MS);
      expect(isRemoved()).toBe(true);
    });

    it('keeps its removal time across a restart, with AWS down', async () => {
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(5 * MINUTE_MS);
      await world.runs[0]?.stop();
      world.minter.failNext(awsDown(), 1000);
      await world.run();
      await world.clock.advance(4.8 * MINUTE_MS);
      expect(isRemoved()).toBe(false);
      await world.clock.advance(0.5 * MINUTE_MS);
      expect(isRemoved()).toBe(true);
      expect(world.references('team')).toEqual([]);
    });

    it('deletes nothing in a namespace that opts in again at the last moment, unnoticed by the watch', async () => {
      world.annotate('team', OPTED_OUT);
      await world.clock.advance(9.9 * MINUTE_MS);
      for (const watch of world.simulator.openWatches) watch.withholdEvents();
      world.annotate('team', OPTED_IN);
      await world.clock.advance(5 * MINUTE_MS);
      expect(world.unready(['team'])).toEqual([]);
    });
  });

  describe('opted out by mistake, all at once', () => {
    const names = Array.from({ length: 40 }, (_, n) => `team-${n}`);
    const CONFIG = 'namespaces: {selector: {matchLabels: {pull: "yes"}}}\n';

    it('removes nothing, reports it, and continues as before when the mistake is undone', async () => {
      for (const name of names) world.kubectl.createNamespace(name, {}, { pull: 'yes' });
      const run = await world.run({ config: CONFIG });
      expect(world.unready(names)).toEqual([]);

      run.config = 'namespaces: {selector: {matchLabels: {pull: "yse"}}}\n';
      await world.clock.advance(2 * HOUR_MS);
      expect(world.unready(names)).toEqual([]);
      expect(run.log.messages('error')).toEqual([
        expect.stringContaining('removal brake engaged') as unknown,
      ]);
      expect(await run.readState()).toMatchObject({
        isRemovalBrakeEngaged: true,
        removalsPending: 40,
      });

      run.config = CONFIG;
      await world.clock.advance(HOUR_MS);
      expect(await run.readState()).toMatchObject({
        isRemovalBrakeEngaged: false,
        removalsPending: 0,
      });
      expect(world.unready(names)).toEqual([]);
      const stamped = names.filter(
        (name) =>
          SECRET_ANNOTATIONS.removalDueAt in (world.secret(name)?.metadata.annotations ?? {}),
      );
      expect(stamped).toEqual([]);
    });

    it('keeps the brake on across a restart, and removes the intended ones once the others are back', async () => {
      world.optIn(...names);
      const run = await world.run();
      for (const name of names) world.annotate(name, OPTED_OUT);
      await world.clock.advance(MINUTE_MS);
      await run.kill();
      await world.run();
      await world.clock.advance(HOUR_MS);
      expect(world.unready(names)).toEqual([]);

      const [meant, others] = [names.slice(0, 4), names.slice(4)];
      for (const name of others) world.annotate(name, OPTED_IN);
      await world.clock.advance(5 * MINUTE_MS);
      expect(names.filter((name) => world.secret(name) === undefined)).toEqual(meant);
      expect(world.unready(others)).toEqual([]);
    });
  });
});
