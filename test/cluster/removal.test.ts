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
    const names = ['plain', 'back', 'going'];
    rig = await Rig.open({ controlPlane: 'own', namespaces: names });
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
