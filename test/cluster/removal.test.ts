/** Opting out takes the Secret away after its grace period, in order, and never by mistake. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import {
  accountPath,
  annotationKey,
  ENABLED,
  entriesOf,
  eventsIn,
  SECRET_NAME,
  secretPath,
  untilEvent,
  untilReady,
} from '../support/opted-in.ts';
import { describeRequest, isWrite } from '../support/our-requests.ts';
import { Rig } from '../support/rig.ts';
import { lookAgain } from '../support/settled.ts';

const GRACE_MS = 4_000;
const CONFIG = `removal: {gracePeriod: ${GRACE_MS / 1000}s}`;
const OUT = { [annotationKey('enabled')]: null };

describe('opting out', () => {
  let rig: Rig;

  beforeAll(async () => {
    const names = ['plain', 'back', 'restart', 'aws-down', 'kept', 'going', 'gone-early'];
    rig = await Rig.open({ controlPlane: 'own', namespaces: [...names, 'own-entry'] });
    await rig.run({ config: CONFIG });
    for (const name of names) await rig.namespace(name, { annotations: ENABLED });
    await Promise.all(names.map(async (name) => untilReady(rig.admin, name)));
  });
  closeAfterAll(() => [rig]);

  it('stamps, waits for the grace period, detaches, then deletes, and tells of it', async () => {
    await rig.admin.mergePatch(accountPath('plain'), {
      imagePullSecrets: [{ name: 'own-a' }, { name: SECRET_NAME }, { name: 'own-b' }],
    });
    const optedOutAt = new Date();
    await annotate(rig, 'plain', OUT);

    const stamped = await untilStamped(rig, 'plain');
    const dueAt = Date.parse(stamped.metadata.annotations?.[annotationKey('removal-due-at')] ?? '');
    expect(dueAt).toBeGreaterThanOrEqual(optedOutAt.getTime() + GRACE_MS);
    expect(await entriesOf(rig.admin, 'plain')).toContain(SECRET_NAME);
    await untilRemoved(rig, 'plain');

    expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
    expect(await entriesOf(rig.admin, 'plain')).toEqual(['own-a', 'own-b']);
    expect(await writesIn(rig, 'plain', optedOutAt)).toEqual([
      `patch secrets plain/${SECRET_NAME} 200`,
      'patch serviceaccounts plain/default 200',
      `delete secrets plain/${SECRET_NAME} 200`,
    ]);
    const event = await untilEvent(rig.admin, 'plain', 'PullSecretRemoved');
    expect(event.message).toContain('not opted in');
  });

  it('is undone by opting in again: nothing but the stamp has changed', async () => {
    const before = await rig.admin.get(secretPath('back'));
    await annotate(rig, 'back', OUT);
    await untilStamped(rig, 'back');

    await annotate(rig, 'back', ENABLED);

    const after = await untilNotStamped(rig, 'back');
    expect(contentOf(after)).toEqual(contentOf(before));
    expect(await entriesOf(rig.admin, 'back')).toEqual([SECRET_NAME]);
  });

  it('goes on through a restart of ours, at the time that was set', async () => {
    const optedOutAt = new Date();
    await annotate(rig, 'restart', OUT);
    const stamped = await untilStamped(rig, 'restart');
    await rig.controller.kill();

    await rig.run({ config: CONFIG });

    const again = await rig.admin.get(secretPath('restart'));
    expect(again.metadata.annotations).toEqual(stamped.metadata.annotations);
    await untilRemoved(rig, 'restart');
    expect(await writesIn(rig, 'restart', optedOutAt)).toHaveLength(3);
  });

  it('does not need AWS', async () => {
    rig.aws.ecrMode = { kind: 'hang' };
    await rig.controller.kill();
    await rig.run({ config: CONFIG });

    await annotate(rig, 'aws-down', { [annotationKey('enabled')]: 'false' });

    await untilRemoved(rig, 'aws-down');
    expect(rig.aws.calls).toHaveLength(1);
    rig.aws.ecrMode = { kind: 'ok' };
  });

  it('leaves a Secret deleted that somebody deletes during the grace', async () => {
    await annotate(rig, 'gone-early', OUT);
    await untilStamped(rig, 'gone-early');

    await rig.admin.delete(secretPath('gone-early'));

    await lookAgain(rig, ['gone-early']);
    expect(await rig.admin.find(secretPath('gone-early'))).toBeUndefined();
  });

  it("never touches a user's own entry of our name in a namespace that is not opted in", async () => {
    await rig.namespace('own-entry');
    const own = { imagePullSecrets: [{ name: SECRET_NAME }, { name: 'other' }] };
    await rig.admin.create('/api/v1/namespaces/own-entry/serviceaccounts', {
      metadata: { name: 'theirs', annotations: { [annotationKey('attach')]: 'false' } },
      ...own,
    });

    await lookAgain(rig, ['own-entry']);

    expect(await entriesOf(rig.admin, 'own-entry', 'theirs')).toEqual([SECRET_NAME, 'other']);
    expect(await writesIn(rig, 'own-entry', new Date(0))).toEqual([]);
  });

  it('does not concern a namespace that is terminating: it is left alone', async () => {
    await rig.admin.create('/api/v1/namespaces/going/configmaps', {
      metadata: { name: 'holds', finalizers: ['example.com/hold'] },
    });
    const before = await eventsIn(rig.admin, 'going');
    const deletedAt = new Date();
    await rig.admin.delete('/api/v1/namespaces/going');
    await eventually({ what: 'the Secret to go with its namespace', limitMs: 30_000 }, async () => {
      return (await rig.admin.find(secretPath('going'))) === undefined;
    });

    await lookAgain(rig, ['going']);

    expect(await rig.admin.get('/api/v1/namespaces/going')).toMatchObject({
      status: { phase: 'Terminating' },
    });
    expect(await writesIn(rig, 'going', deletedAt)).toEqual([]);
    expect((await eventsIn(rig.admin, 'going')).length).toBeLessThanOrEqual(before.length);
    const stalled = (await rig.controller.metrics()).value('ecr_pull_secret_namespaces_stalled');
    expect(stalled ?? 0).toBe(0);
    await rig.admin.mergePatch('/api/v1/namespaces/going/configmaps/holds', {
      metadata: { finalizers: null },
    });
  });

  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig.misdeeds()).toEqual([]);
  });
});

describe('a mass opt-out', () => {
  const NAMES = Array.from({ length: 40 }, (_, index) => `mass-${index}`);
  const LEAVING = NAMES.slice(0, 30);
  const REALLY = LEAVING.slice(0, 4);
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own', namespaces: NAMES });
    for (const name of NAMES) await rig.namespace(name, { annotations: ENABLED });
    await rig.run({ config: CONFIG });
    await Promise.all(NAMES.map(async (name) => untilReady(rig.admin, name)));
  });
  closeAfterAll(() => [rig]);

  it('is stopped by the brake entirely, with an error and a metric', async () => {
    const optedOutAt = new Date();
    await Promise.all(LEAVING.map(async (name) => annotate(rig, name, OUT)));
    const stamped = await Promise.all(LEAVING.map(async (name) => untilStamped(rig, name)));
    const dues = stamped.map(({ metadata }) =>
      Date.parse(metadata.annotations?.[annotationKey('removal-due-at')] ?? ''),
    );

    const isAllDue = () => Date.now() > Math.max(...dues);
    await eventually({ what: 'all to be due', limitMs: 30_000 }, isAllDue);

    const message =
      'removal brake engaged: nothing is removed; raise removal.maxPerTenMinutes if this many removals are meant, opt the namespaces in again, or take everything away with cleanup';
    expect(await rig.controller.logged(message)).toMatchObject({
      level: 'error',
      managed: 40,
      pending: 30,
      limit: 5,
    });
    await lookAgain(rig, LEAVING);
    const writes = (await rig.requests(optedOutAt)).filter(isWrite).map(describeRequest);
    const stamps = LEAVING.map((name) => `patch secrets ${name}/${SECRET_NAME} 200`);
    expect([...writes].sort()).toEqual([...stamps].sort());
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secret_removal_brake_engaged')).toBe(1);
    expect(metrics.value('ecr_pull_secret_removals_pending')).toBe(30);
  });

  it('goes on for those that were meant, once the others are back', async () => {
    const back = LEAVING.slice(REALLY.length);
    await Promise.all(back.map(async (name) => annotate(rig, name, ENABLED)));

    await Promise.all(back.map(async (name) => untilNotStamped(rig, name)));
    await eventually({ what: 'the brake to be released', limitMs: 10_000 }, async () => {
      const metrics = await rig.controller.metrics();
      return metrics.value('ecr_pull_secret_removal_brake_engaged') === 0;
    });

    // By itself it looks again after a minute.
    await lookAgain(rig, REALLY);
    await Promise.all(REALLY.map(async (name) => untilRemoved(rig, name)));

    const secrets = await rig.admin.list(
      `/api/v1/secrets?fieldSelector=metadata.name=${SECRET_NAME}`,
    );
    expect(secrets.filter(isStamped)).toEqual([]);
    expect(secrets).toHaveLength(NAMES.length - REALLY.length);
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secret_removal_brake_engaged')).toBe(0);
    expect(rig.aws.calls).toHaveLength(1);
  });

  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig.misdeeds()).toEqual([]);
  });
});

async function annotate(
  { admin }: Rig,
  namespace: string,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await admin.mergePatch(`/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
}

function isStamped({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotationKey('removal-due-at')] !== undefined;
}

async function untilStamped({ admin }: Rig, namespace: string): Promise<KubeObject> {
  return eventually({ what: `the stamp in ${namespace}`, limitMs: 10_000 }, async () => {
    const secret = await admin.get(secretPath(namespace));
    return isStamped(secret) ? secret : undefined;
  });
}

async function untilNotStamped({ admin }: Rig, namespace: string): Promise<KubeObject> {
  return eventually({ what: `no stamp in ${namespace}`, limitMs: 10_000 }, async () => {
    const secret = await admin.get(secretPath(namespace));
    return isStamped(secret) ? undefined : secret;
  });
}

async function untilRemoved({ admin }: Rig, namespace: string): Promise<void> {
  await eventually({ what: `the removal in ${namespace}`, limitMs: 20_000 }, async () => {
    return (await admin.find(secretPath(namespace))) === undefined;
  });
  expect(await entriesOf(admin, namespace)).not.toContain(SECRET_NAME);
}

/** In the order of the answers. */
async function writesIn(rig: Rig, namespace: string, since: Date): Promise<readonly string[]> {
  const writes = (await rig.requests(since)).filter(isWrite);
  return writes.filter((write) => write.namespace === namespace).map(describeRequest);
}

function contentOf(secret: KubeObject): object {
  const { uid, labels, annotations } = secret.metadata;
  return { uid, labels, annotations, data: secret['data'] };
}
