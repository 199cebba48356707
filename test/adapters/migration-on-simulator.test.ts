/** The name of the Secret changes by an upgrade: whoever can pull before it can pull at every moment after it. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  NAMESPACE_ANNOTATIONS,
  SECRET_ANNOTATIONS,
  instanceOf,
} from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { WHOLE_CLUSTER } from '../../src/domain/scope.ts';
import { neededAccess } from '../../src/kubernetes/needed-access.ts';
import type { AccessRule } from '../../src/simulator/access.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME as OLD } from '../support/builders.ts';
import { INSTALLED_AS, OUR_USER } from '../support/install.ts';
import { lightenTests } from '../support/lighten-tests.ts';
import { SimulatedWorld } from '../support/simulated-world.ts';

lightenTests();

const NEW = 'registry-access';
const DAY_MS = 24 * HOUR_MS;
const UPGRADED = `secretName: ${NEW}\npreviousSecretNames: [${OLD}]\n`;
const ROLLED_BACK = `secretName: ${OLD}\npreviousSecretNames: [${NEW}]\n`;
const FOREIGN = { type: 'Opaque', data: { mine: btoa('mine') } };
const awsDown = new TransientError('AWS is down', { code: 'ECR_DOWN' });
const [A, B] = ['team-a', 'team-b'];

/** What we say that we need, and nothing more. */
function rulesFor(secretName: string, previous: readonly string[]): readonly AccessRule[] {
  return neededAccess(instanceOf('default', secretName, previous), WHOLE_CLUSTER).map(
    ({ verb, group, resource, objectName, namespaces }) => ({
      verbs: [verb],
      apiGroups: [group],
      resources: [resource],
      ...(objectName === undefined ? {} : { resourceNames: [objectName] }),
      ...(namespaces === 'own' ? { namespace: INSTALLED_AS.namespace } : {}),
    }),
  );
}

describe('the controller with a new name for its Secret', () => {
  let world: SimulatedWorld;
  beforeEach(async () => {
    world = await SimulatedWorld.open();
    world.optIn(A, B);
    world.kubectl.createServiceAccount(A, 'app', { imagePullSecrets: [{ name: 'mine' }] });
    const before = await world.run();
    expect(world.entries(A, 'app')).toEqual(['mine', OLD]);
    await before.stop();
  });
  afterEach(async () => {
    await world.close();
    expect(world.misdeeds()).toEqual([]);
    expect(world.clock.pending).toBe(0);
    expect(world.simulator.openWatches).toEqual([]);
  });

  const upgrade = (config = UPGRADED) => {
    const [now, before] = config.startsWith(UPGRADED) ? [NEW, OLD] : [OLD, NEW];
    world.simulator.setAccess(OUR_USER, rulesFor(now, [before]));
    return world.run({ config });
  };
  /** ServiceAccounts that can't pull at this moment. */
  const gaps = (namespaces: readonly string[]) => () =>
    world.kubectl
      .list('ServiceAccount')
      .map(({ metadata: { name, namespace = '' } }) => ({ name, namespace }))
      .filter(({ namespace }) => namespaces.includes(namespace))
      .filter(({ namespace, name }) =>
        world.entries(namespace, name).every((entry) => !world.isLive(namespace, entry)),
      )
      .map(({ namespace, name }) => `${namespace}/${name}`);
  const watched = (ms: number, { namespaces = [A, B], everyMs = MINUTE_MS / 2 } = {}) =>
    world.advance(ms, { everyMs, find: gaps(namespaces) });
  const where = (namespace: string) => ({
    secrets: [OLD, NEW].filter((name) => world.secret(namespace, name) !== undefined),
    entries: world.entries(namespace),
  });
  const migrated = { secrets: [NEW], entries: [NEW] };
  const dueAt = (namespace: string, name: string) =>
    world.secret(namespace, name)?.metadata.annotations?.[SECRET_ANNOTATIONS.removalDueAt];

  it('moves a whole cluster over, more than the brake lets go at once, with one call to AWS', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `many-${n}`);
    world.optIn(...many);
    const first = await world.run();
    await first.stop();
    const calls = world.minter.calls.length;

    const run = await upgrade();
    expect(where(A)).toEqual({ secrets: [OLD, NEW], entries: [OLD, NEW] });
    expect(run.state).toMatchObject({ previousSecrets: 42 });
    expect(await watched(15 * MINUTE_MS, { namespaces: [A, B, ...many] })).toEqual([]);

    for (const name of [A, B, ...many]) expect(where(name)).toEqual(migrated);
    expect(world.entries(A, 'app')).toEqual(['mine', NEW]);
    expect(world.reasons(A)).toEqual(['PullSecretCreated', 'PullSecretRemoved']);
    expect(run.log.messages('error')).toEqual([]);
    expect(run.log.messages('warn')).toEqual([]);
    expect(run.state).toMatchObject({
      removalsPending: 0,
      managedNamespaces: 42,
      previousSecrets: 0,
    });
    expect(world.minter.calls.length - calls).toBe(1);
  });

  it('comes to rest: after it nothing is written any more', async () => {
    await upgrade();
    await world.clock.advance(15 * MINUTE_MS);
    const writes = world.watchWrites();
    await world.clock.advance(2 * HOUR_MS);
    expect(writes()).toEqual([]);
  });

  it('keeps the old Secret fresh for the Pods of before, for as long as the grace lasts', async () => {
    await upgrade(`${UPGRADED}removal: {gracePeriod: 30h}\n`);
    const calls = world.minter.calls.length;
    const find = () => [...gaps([A, B])(), ...[A, B].filter((name) => !world.isLive(name, OLD))];
    const watch = { everyMs: 10 * MINUTE_MS, find };
    expect(await world.advance(29 * HOUR_MS, watch)).toEqual([]);
    expect(where(B)).toEqual({ secrets: [OLD, NEW], entries: [OLD, NEW] });
    // One for both names: every six hours at most.
    expect(world.minter.calls.length - calls).toBeLessThanOrEqual(5);

    expect(await watched(2 * HOUR_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('waits with the removal for AWS, however long', async () => {
    world.minter.failNext(awsDown, 1_000);
    await upgrade();
    expect(await watched(2 * HOUR_MS)).toEqual([]);
    expect(where(B)).toEqual({ secrets: [OLD], entries: [OLD, NEW] });
    expect(dueAt(B, OLD)).toBeUndefined();

    world.minter.heal();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('lets a ServiceAccount that is new meanwhile pull with the old one, and takes its entry away in the end', async () => {
    world.minter.failNext(awsDown, 1_000);
    await upgrade();
    const writes = world.watchWrites();
    world.kubectl.createServiceAccount(B, 'late', { imagePullSecrets: [{ name: 'mine' }] });
    await world.clock.advance(1_000);
    expect(world.entries(B, 'late')).toEqual(['mine', NEW, OLD]);
    expect(writes().filter((write) => write.includes('/serviceaccounts/late'))).toHaveLength(1);
    expect(await watched(HOUR_MS)).toEqual([]);

    world.minter.heal();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(world.entries(B, 'late')).toEqual(['mine', NEW]);
    expect(where(B)).toEqual(migrated);
  });

  it('goes on where it was killed, whenever that was', async () => {
    for (const atMs of [20, 300, 5 * MINUTE_MS, 10 * MINUTE_MS - 1_000, 50]) {
      const run = await upgrade();
      expect(await watched(atMs, { everyMs: 100 })).toEqual([]);
      await run.kill();
    }
    await upgrade();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(A)).toEqual(migrated);
    expect(where(B)).toEqual(migrated);
  });

  it('turns round with a roll-back, half-way and afterwards', async () => {
    const run = await upgrade();
    expect(await watched(9 * MINUTE_MS)).toEqual([]);
    await run.stop();
    const back = await upgrade(ROLLED_BACK);
    expect(dueAt(B, OLD)).toBeUndefined();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual({ secrets: [OLD], entries: [OLD] });
    expect(world.entries(A, 'app')).toEqual(['mine', OLD]);

    await back.stop();
    await upgrade();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('leaves the new Secret where a roll-back forgets its name, and takes it in when it is named again', async () => {
    const run = await upgrade();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    await run.stop();
    world.simulator.setAccess(OUR_USER, rulesFor(OLD, []));
    const forgetful = await world.run();
    expect(await watched(3 * HOUR_MS)).toEqual([]);
    expect(where(B)).toEqual({ secrets: [OLD, NEW], entries: [NEW, OLD] });

    await forgetful.stop();
    await upgrade(ROLLED_BACK);
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    for (const name of [A, B]) expect(where(name)).toEqual({ secrets: [OLD], entries: [OLD] });
  });

  it('comes through the old version taking the lead again and again', async () => {
    for (const config of ['', UPGRADED, '', UPGRADED, '']) {
      world.simulator.setAccess(OUR_USER, rulesFor(NEW, [OLD]));
      const run = await world.run({ config });
      expect(await watched(4 * MINUTE_MS)).toEqual([]);
      await run.stop();
    }
    await upgrade();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('keeps the old Secret where a foreign one has the new name, until that has gone', async () => {
    world.kubectl.createSecret(B, NEW, FOREIGN);
    await upgrade();
    expect(await watched(DAY_MS, { everyMs: 10 * MINUTE_MS })).toEqual([]);
    expect(world.secret(B, NEW)).toMatchObject(FOREIGN);
    world.kubectl.createServiceAccount(B, 'late');
    await world.clock.advance(1_000);
    expect(world.entries(B, 'late')).toEqual([OLD]);
    expect(where(A)).toEqual(migrated);
    expect(where(B)).toEqual({ secrets: [OLD, NEW], entries: [OLD] });
    expect(world.reasons(B)).toContain('SecretNotOwned');

    world.kubectl.delete({ kind: 'Secret', namespace: B, name: NEW });
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('leaves a foreign Secret of the old name alone, and says nothing of it', async () => {
    world.kubectl.createNamespace('other', { [NAMESPACE_ANNOTATIONS.enabled]: 'true' });
    world.kubectl.createSecret('other', OLD, FOREIGN);
    world.kubectl.createServiceAccount('other', 'app', { imagePullSecrets: [{ name: OLD }] });
    await upgrade();
    await world.clock.advance(HOUR_MS);
    expect(world.secret('other', OLD)).toMatchObject(FOREIGN);
    expect(world.entries('other', 'app')).toEqual([OLD, NEW]);
    expect(world.reasons('other')).toEqual(['PullSecretCreated']);
  });

  it('takes both away after an opt-out', async () => {
    await upgrade();
    world.annotate(B, { [NAMESPACE_ANNOTATIONS.enabled]: 'false' });
    await world.clock.advance(20 * MINUTE_MS);
    expect(where(B)).toEqual({ secrets: [], entries: [] });
    expect(where(A)).toEqual(migrated);
  });

  it('keeps the old one as long as a ServiceAccount can’t be given the new one', async () => {
    world.kubectl.annotate(
      { kind: 'ServiceAccount', namespace: B, name: 'default' },
      {
        'ecr-pull-secrets.io/attach': 'perhaps',
      },
    );
    await upgrade();
    expect(await watched(2 * HOUR_MS, { everyMs: MINUTE_MS })).toEqual([]);
    expect(where(B)).toEqual({ secrets: [OLD, NEW], entries: [OLD] });
    world.kubectl.annotate(
      { kind: 'ServiceAccount', namespace: B, name: 'default' },
      {
        'ecr-pull-secrets.io/attach': null,
      },
    );
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });

  it('keeps the old one longer where the new Secret is deleted while nobody has a token', async () => {
    const run = await upgrade();
    await watched(9 * MINUTE_MS);
    await run.stop();
    world.minter.failNext(awsDown, 1_000);
    world.kubectl.delete({ kind: 'Secret', namespace: B, name: NEW });
    await upgrade();
    expect(await watched(HOUR_MS)).toEqual([]);
    expect(where(A)).toEqual(migrated);
    expect(where(B)).toEqual({ secrets: [OLD], entries: [OLD, NEW] });
    world.minter.heal();
    expect(await watched(15 * MINUTE_MS)).toEqual([]);
    expect(where(B)).toEqual(migrated);
  });
});
