/** Somebody who undoes us in a loop gets a few writes and then one a minute, and nobody else notices. */
import { setInterval as ticks } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import {
  accountPath,
  ENABLED,
  entriesOf,
  SECRET_NAME,
  secretPath,
  untilEvent,
  untilReady,
} from '../support/opted-in.ts';
import { isWrite } from '../support/our-requests.ts';
import { Rig } from '../support/rig.ts';

const NAMES = ['war-account', 'war-secret'];
const BYSTANDER = 'war-bystander';
const ROUNDS = 12;
const EMPTY = Buffer.from('{"auths":{}}').toString('base64');

describe('a loop that undoes us every second', () => {
  let rig: Rig;
  let readyAfterMs = Infinity;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', namespaces: [...NAMES, BYSTANDER] });
    for (const name of NAMES) {
      await rig.namespace(name, { annotations: ENABLED });
    }
    await rig.run();
    await untilReady(rig.admin, 'war-account');
    await untilReady(rig.admin, 'war-secret');

    let round = 0;
    for await (const _ of ticks(1_000)) {
      round += 1;
      if (round > ROUNDS) break;
      await rig.admin.mergePatch(accountPath('war-account'), { imagePullSecrets: [{ name: 'x' }] });
      await rig.admin.mergePatch(secretPath('war-secret'), {
        data: { '.dockerconfigjson': EMPTY },
      });
      if (round === ROUNDS - 2) readyAfterMs = await timeToReady(rig, BYSTANDER);
    }
  });
  closeAfterAll(() => [rig]);

  it.each([
    { namespace: 'war-account', resource: 'serviceaccounts' },
    { namespace: 'war-secret', resource: 'secrets' },
  ])('gets three or four writes to the $resource, and no more', async (object) => {
    const writes = (await rig.requests()).filter(
      (request) =>
        isWrite(request) &&
        request.namespace === object.namespace &&
        request.resource === object.resource,
    );

    // Three lost repairs; the first write of all need not count as one.
    expect(writes.length).toBeGreaterThanOrEqual(3);
    expect(writes.length).toBeLessThanOrEqual(4);
  });

  it.each(['war-account', 'war-secret'])('is told of in %s', async (namespace) => {
    const event = await untilEvent(rig.admin, namespace, 'AttachConflict');

    expect(event).toMatchObject({ type: 'Warning', message: expect.stringContaining('undoing') });
  });

  it('is counted', async () => {
    const metrics = await rig.controller.metrics();

    const reason = { reason: 'AttachConflict' };
    expect(metrics.value('ecr_pull_secret_namespaces_stalled', reason)).toBe(2);
  });

  it('does not slow down a namespace that opts in meanwhile', async () => {
    expect(readyAfterMs).toBeLessThan(2_000);
    expect(await entriesOf(rig.admin, 'war-account')).toEqual(['x']);
    expect(await entriesOf(rig.admin, 'war-secret')).toEqual([SECRET_NAME]);
  });

  it('costs one ECR call in all', () => {
    expect(rig.aws.calls).toHaveLength(1);
  });

  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig.misdeeds()).toEqual([]);
  });
});

async function timeToReady(rig: Rig, namespace: string): Promise<number> {
  const startMs = Date.now();
  await rig.namespace(namespace, { annotations: ENABLED });
  await untilReady(rig.admin, namespace);
  return Date.now() - startMs;
}
