/** The whole controller over the simulator: what becomes of Secrets that have our labels and not our Apply entry. */
import { describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { ApiObject } from '../../simulator/objects/api-object.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, OPTED_OUT, type SimulatedWorld } from '../support/simulated/simulated-world.ts';
import { sumOf } from '../support/values/sum-of.ts';

const awsDown = new TransientError('AWS is down', { code: 'ECR_DOWN' });
const SELECTING = 'namespaces: {selector: {matchLabels: {pull: "yes"}}}';

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** As a cloning policy, a replicator or a backup tool creates it: with labels and annotations, without managedFields. */
function copyTo(namespace: string, secret: ApiObject | undefined = world.secret('source')): void {
  if (secret === undefined) throw new Error('there is nothing to copy');
  const { labels = {}, annotations = {} } = secret.metadata;
  const data = secret['data'] as Readonly<Record<string, string>>;
  const type = String(secret['type']);
  world.byPeople(() => {
    world.kubectl.createSecret(namespace, SECRET_NAME, { type, data, labels, annotations });
  });
}

function reference(namespace: string): void {
  const target = { kind: 'ServiceAccount', namespace, name: 'default' } as const;
  world.kubectl.patch(target, { imagePullSecrets: [{ name: SECRET_NAME }] });
}

function toldAbout(namespace: string): readonly string[] {
  return world.kubectl
    .list('Event')
    .filter(
      ({ metadata, reason }) => metadata.namespace === namespace && reason === 'SecretNotOwned',
    )
    .map((event) => `${String(event['count'])} × ${String(event['message'])}`);
}

describe('a copy of our Secret in a namespace that is not opted in', () => {
  it('is never written, refreshed, removed or counted, however long it is there', async () => {
    world.optIn('source');
    world.kubectl.createNamespace('copied');
    const run = await world.run();
    copyTo('copied');
    reference('copied');
    const before = world.secret('copied');
    await world.clock.advance(13 * HOUR_MS);

    expect(world.secret('copied')).toEqual(before);
    expect(world.references('copied')).toEqual([SECRET_NAME]);
    const state = await run.readState();
    expect(sumOf(state?.secrets.byState.values())).toBe(1);
    expect(state).toMatchObject({ removalsPending: 0, stalledNamespaces: new Map() });
  });

  it('is reported once where a ServiceAccount references it, and not at all elsewhere', async () => {
    world.optIn('source');
    for (const name of ['referenced', 'unused']) world.kubectl.createNamespace(name);
    await world.run();
    for (const name of ['referenced', 'unused']) copyTo(name);
    reference('referenced');
    await world.clock.advance(13 * HOUR_MS);

    expect(toldAbout('referenced')).toEqual([expect.stringMatching(/^1 × .*"default"/)]);
    expect(toldAbout('unused')).toEqual([]);
  });

  it('becomes ours when the namespace opts in', async () => {
    world.optIn('source');
    world.kubectl.createNamespace('copied');
    await world.run();
    copyTo('copied');
    await world.clock.advance(MINUTE_MS);
    const { uid } = world.secret('copied')?.metadata ?? {};
    world.annotate('copied', OPTED_IN);
    await world.clock.advance(MINUTE_MS);

    expect(world.unready(['copied'])).toEqual([]);
    expect(world.secret('copied')?.metadata.uid).toBe(uid);
  });

  it('engages no brake, however many there are: honest removals go on', async () => {
    const copies = Array.from({ length: 40 }, (_, n) => `copied-${n}`);
    world.optIn('source', 'leaving');
    for (const name of copies) world.kubectl.createNamespace(name);
    const run = await world.run();
    for (const name of copies) copyTo(name);
    world.annotate('leaving', OPTED_OUT);
    await world.clock.advance(11 * MINUTE_MS);

    expect(world.secret('leaving')).toBeUndefined();
    expect(await run.readState()).toMatchObject({
      removalsPending: 0,
      isRemovalBrakeEngaged: false,
    });
  });
});

describe('a restored Secret', () => {
  /** As after a restore of the whole cluster: every Secret is there, and none has our Apply entry. */
  async function restoreAll(names: readonly string[]): Promise<void> {
    const backups = names.map((name) => [name, world.secret(name)] as const);
    for (const [name, backup] of backups) {
      world.kubectl.delete({ kind: 'Secret', namespace: name, name: SECRET_NAME });
      copyTo(name, backup);
    }
    await world.clock.advance(0);
  }

  it('recovers by itself where the namespace is opted in, or frozen by another annotation', async () => {
    world.optIn('in', 'frozen');
    await (await world.run()).stop();
    world.annotate('frozen', { [NAMESPACE_ANNOTATIONS.serviceAccounts]: 'no/name' });
    await restoreAll(['in', 'frozen']);
    await world.run();
    await world.clock.advance(MINUTE_MS);

    for (const name of ['in', 'frozen']) {
      const managers = world.secret(name)?.metadata.managedFields?.map(({ manager }) => manager);
      expect(managers).toContain('ecr-pull-secrets');
      expect(world.isLive(name)).toBe(true);
    }
  });

  it('that loses its opt-in before its first refresh, because AWS is down, is nobody’s and stays', async () => {
    world.kubectl.createNamespace('team', {}, { pull: 'yes' });
    const first = await world.run({ config: SELECTING });
    await first.stop();
    await restoreAll(['team']);
    world.minter.failNext(awsDown, 10_000);
    const run = await world.run({ config: SELECTING });
    await world.clock.advance(10 * MINUTE_MS);
    run.config = SELECTING.replace('yes', 'another');
    await world.clock.advance(MINUTE_MS);
    const before = world.secret('team');
    world.minter.heal();
    await world.clock.advance(13 * HOUR_MS);

    expect(world.secret('team')).toEqual(before);
    expect(toldAbout('team')).toHaveLength(1);
    const state = await run.readState();
    expect(sumOf(state?.secrets.byState.values())).toBe(0);
    expect(state).toMatchObject({ removalsPending: 0 });
  });
});
