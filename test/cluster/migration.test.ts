/** The name of the Secret changes by an upgrade: at no version of the cluster is there a ServiceAccount that can't pull. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import { grantNeeded } from '../support/grant-needed.ts';
import { LifeSampler } from '../support/life-sampler.ts';
import {
  annotationKey,
  ENABLED,
  entriesIn,
  SECRET_NAME as OLD,
  accountPath,
} from '../support/opted-in.ts';
import { pullGaps } from '../support/pull-gaps.ts';
import { PullSecretWatch } from '../support/pull-secret-watch.ts';
import { Rig } from '../support/rig.ts';
import { ToldChanges } from '../support/told-changes.ts';

const NEW = 'registry-access';
const NAMES = Array.from({ length: 30 }, (_, n) => `moving-${n}`);
const GRACE_S = 14;
/** Short, so that the old Secrets are due once more while they wait for their removal. */
const TOKEN_LIFE_MS = 24_000;
const BASE = `removal: {gracePeriod: ${GRACE_S}s}\nrefresh: {atLifetimeFraction: 0.5, jitterFraction: 0}\n`;
const UPGRADED = `${BASE}secretName: ${NEW}\npreviousSecretNames: [${OLD}]\n`;
const FOREIGN = { type: 'Opaque', data: { mine: btoa('mine') } };

describe('30 namespaces, when the Secret gets another name', () => {
  let rig: Rig;
  let told: ToldChanges;
  let watches: readonly PullSecretWatch[];
  let samplers: readonly LifeSampler[];
  let upgradedAt: Date;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own' });
    rig.aws.tokenLifeMs = TOKEN_LIFE_MS;
    await grantNeeded(rig.admin, OLD);
    await Promise.all(NAMES.map(async (name) => rig.namespace(name, { annotations: ENABLED })));
    await rig.namespace('foreign', { annotations: ENABLED });
    await rig.admin.create('/api/v1/namespaces/foreign/secrets', {
      metadata: { name: OLD },
      ...FOREIGN,
    });
    await rig.run({ config: BASE });
    await untilEach((entries) => entries.join() === OLD);
    await untilSecrets(OLD, NAMES.length + 1);
    await rig.admin.mergePatch(accountPath('moving-1'), {
      imagePullSecrets: [{ name: 'own-a' }, { name: OLD }, { name: 'own-b' }],
    });
    told = await ToldChanges.start(rig.admin);
    watches = await Promise.all(
      [OLD, NEW].map(async (name) => PullSecretWatch.start(rig.admin, rig.aws, name)),
    );

    await rig.controller.stop();
    await grantNeeded(rig.admin, NEW, [OLD]);
    upgradedAt = new Date();
    samplers = watches.map((watch) => new LifeSampler(watch));
    await rig.run({ config: UPGRADED });
    await untilEach((entries) => entries.includes(NEW) && !entries.includes(OLD), 45_000);
    // The foreign one.
    await untilSecrets(OLD, 1);
  });
  afterAll(async () => {
    for (const sampler of samplers) sampler.stop();
    await Promise.all([told.stop(), ...watches.map(async (watch) => watch.stop())]);
    await rig.close();
  });

  async function untilSecrets(name: string, count: number) {
    const path = `/api/v1/secrets?fieldSelector=metadata.name=${name}`;
    await eventually({ what: `${count} Secrets ${name}`, limitMs: 20_000 }, async () => {
      const present = await rig.admin.list(path);
      return present.length === count;
    });
  }

  async function untilEach(isSo: (entries: readonly string[]) => boolean, limitMs = 20_000) {
    await eventually({ what: 'all ServiceAccounts', limitMs }, async () => {
      const accounts = await rig.admin.list('/api/v1/serviceaccounts');
      const ours = accounts.filter(({ metadata }) => NAMES.includes(metadata.namespace ?? ''));
      return ours.length === NAMES.length && ours.every((account) => isSo(entriesIn(account)));
    });
  }

  it('leaves no gap, at no version of the cluster', () => {
    expect(pullGaps(told, NAMES)).toEqual([]);
    const isOfSecret = ({ kind }: { readonly kind: string }) => kind === 'Secret';
    expect(told.inOrder.filter(isOfSecret).length).toBeGreaterThan(4 * NAMES.length);
  });

  it('keeps every Secret live to its end, those of the old name too', () => {
    const figures = samplers.map((sampler) => sampler.stop());
    const foreign = figures
      .flatMap(({ expired }) => expired)
      .filter((one) => !one.startsWith('foreign'));
    expect(foreign).toEqual([]);
    for (const { looks } of figures) expect(looks).toBeGreaterThan(20 * NAMES.length);
    // Refreshed while they waited: the content of the old ones was not that of the start any more.
    const refreshed = told.inOrder.filter(
      ({ object, isGone }) => object.metadata.name === OLD && isGone && isLate(object),
    );
    expect(refreshed).toHaveLength(NAMES.length);
  });

  it('lets the entries of others stand in their order, and foreign Secrets as they are', async () => {
    expect(entriesIn(await rig.admin.find(accountPath('moving-1')))).toEqual([
      'own-a',
      'own-b',
      NEW,
    ]);
    const foreign = await rig.admin.get(`/api/v1/namespaces/foreign/secrets/${OLD}`);
    expect(foreign).toMatchObject(FOREIGN);
    expect(foreign.metadata.annotations).toBeUndefined();
  });

  it('needs no more rights than we say, and the brake does not stop it', async () => {
    expect(await rig.misdeeds()).toEqual([]);
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secret_removal_brake_engaged')).toBe(0);
    expect(metrics.value('ecr_pull_secret_informer_synced', { resource: 'secrets' })).toBe(1);
  });

  /** Of a token that was minted after the upgrade had begun. */
  function isLate({ metadata }: KubeObject): boolean {
    const [record] = JSON.parse(
      metadata.annotations?.[annotationKey('tokens')] ?? '[]',
    ) as readonly {
      readonly mintedAt: string;
    }[];
    return Date.parse(record?.mintedAt ?? '') > upgradedAt.getTime();
  }
});

describe('a ServiceAccount that is new while AWS is down and the Secret gets another name', () => {
  const LATE = '/api/v1/namespaces/moving/serviceaccounts/late';
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own' });
    await grantNeeded(rig.admin, OLD);
    await rig.namespace('moving', { annotations: ENABLED });
    const before = await rig.run();
    await untilEntries(accountPath('moving'), [OLD]);
    await eventually({ what: 'the old Secret', limitMs: 20_000 }, async () => hasSecret(OLD));
    await before.stop();
    rig.aws.ecrMode = { kind: 'server-error' };
    await grantNeeded(rig.admin, NEW, [OLD]);
    await rig.run({ config: UPGRADED });
    await rig.admin.create('/api/v1/namespaces/moving/serviceaccounts', {
      metadata: { name: 'late' },
      imagePullSecrets: [{ name: 'own' }],
    });
  });
  afterAll(async () => rig.close());

  it('is given both names in one write, which the guard lets pass', async () => {
    await untilEntries(LATE, ['own', NEW, OLD]);

    expect(await hasSecret(NEW)).toBe(false);
    const writes = (await rig.requests()).filter(
      ({ verb, uri }) => verb === 'patch' && uri.includes('/serviceaccounts/late'),
    );
    expect(writes).toHaveLength(1);
    expect(await rig.misdeeds()).toEqual([]);
  });

  it('loses the old one with the old Secret', async () => {
    rig.aws.ecrMode = { kind: 'ok' };

    await untilEntries(LATE, ['own', NEW], 90_000);

    await eventually({ what: 'the old Secret to go', limitMs: 20_000 }, async () => {
      return !(await hasSecret(OLD));
    });
    expect(await hasSecret(NEW)).toBe(true);
  });

  async function hasSecret(name: string): Promise<boolean> {
    const path = `/api/v1/namespaces/moving/secrets?fieldSelector=metadata.name=${name}`;
    return (await rig.admin.list(path)).length > 0;
  }

  async function untilEntries(path: string, names: readonly string[], limitMs = 20_000) {
    await eventually({ what: `the entries ${names.join()}`, limitMs }, async () => {
      const account = await rig.admin.find(path);
      return entriesIn(account).join() === names.join();
    });
  }
});
