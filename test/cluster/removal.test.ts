/** Opting out removes the Secret after its grace period, in order, and never by mistake. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { noteOf, SECRET_NAME } from '../support/cluster/opted-in.ts';
import { describeRequest, isWrite } from '../support/cluster/our-requests.ts';
import { Rig } from '../support/cluster/rig.ts';

const GRACE_MS = 4_000;
const CONFIG = `removal: {gracePeriod: ${GRACE_MS / 1000}s}`;
const OUT = { enabled: null };
const IN = { enabled: 'true' };

describe('opting out', () => {
  let rig: Rig;

  beforeAll(async () => {
    const names = ['plain', 'back', 'going'];
    rig = await Rig.open({ controlPlane: 'own', namespaces: names });
    await rig.run({ config: CONFIG });
    for (const name of names) await rig.optIn(name);
    await rig.untilAllReady(names);
  });
  closeAfterAll(() => [rig]);

  it('stamps, waits for the grace period, detaches, then deletes, and emits an Event', async () => {
    await rig.setReferences('plain', ['own-a', SECRET_NAME, 'own-b']);
    const optedOutAt = new Date();
    await rig.annotate('plain', OUT);

    const stamped = await rig.untilSecret('plain', 'the stamp', isStamped);
    const dueAt = Date.parse(noteOf(stamped, 'removal-due-at') ?? '');
    expect(dueAt).toBeGreaterThanOrEqual(optedOutAt.getTime() + GRACE_MS);
    expect(await rig.references('plain')).toContain(SECRET_NAME);
    await rig.untilRemoved('plain');

    expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
    expect(await rig.references('plain')).toEqual(['own-a', 'own-b']);
    expect(await writesIn(rig, 'plain', optedOutAt)).toEqual([
      `patch secrets plain/${SECRET_NAME} 200`,
      'patch serviceaccounts plain/default 200',
      `delete secrets plain/${SECRET_NAME} 200`,
    ]);
    const event = await rig.untilEvent('plain', 'PullSecretRemoved');
    expect(event.message).toContain('no longer opted in');
  });

  it('is undone by opting in again: only the stamp has changed', async () => {
    const before = await rig.secret('back');
    await rig.annotate('back', OUT);
    await rig.untilSecret('back', 'the stamp', isStamped);

    await rig.annotate('back', IN);

    const after = await rig.untilSecret('back', 'no stamp', (secret) => !isStamped(secret));
    expect(contentOf(after)).toEqual(contentOf(before));
    expect(await rig.references('back')).toEqual([SECRET_NAME]);
  });

  it('does not apply to a terminating namespace, which is left alone', async () => {
    await rig.admin.create('/api/v1/namespaces/going/configmaps', {
      metadata: { name: 'holds', finalizers: ['example.com/hold'] },
    });
    const before = await rig.events('going');
    const deletedAt = new Date();
    await rig.admin.delete('/api/v1/namespaces/going');
    await rig.untilRemoved('going', 30_000);

    await rig.requeue('going');

    expect(await rig.admin.get('/api/v1/namespaces/going')).toMatchObject({
      status: { phase: 'Terminating' },
    });
    expect(await writesIn(rig, 'going', deletedAt)).toEqual([]);
    expect((await rig.events('going')).length).toBeLessThanOrEqual(before.length);
    const stalled = (await rig.controller.metrics()).value('ecr_pull_secrets_namespaces_stalled');
    expect(stalled ?? 0).toBe(0);
    await rig.admin.mergePatch('/api/v1/namespaces/going/configmaps/holds', {
      metadata: { finalizers: null },
    });
  });

  itLeavesNothing(() => rig);
});

function isStamped(secret: KubeObject): boolean {
  return noteOf(secret, 'removal-due-at') !== undefined;
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
