/** Objects that are too large to be read, on a real API server, and the memory settings of the image. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ControllerProcess } from '../support/process/controller-process.ts';
import { accountPath, SECRET_NAME } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import { eventually } from '../support/suite/eventually.ts';

/** As in the image, in a container of 256 MiB. */
const MEMORY = {
  nodeFlags: ['--max-semi-space-size=2', '--max-old-space-size=128'],
  flags: ['--log-level', 'info'],
};
/** A megabyte of JSON, and 28 MB as objects. */
const FAT = { imagePullSecrets: Array.from({ length: 340_000 }, () => ({})) };
const COUNT = 20;
const fatLabels = (value: string | null) => ({
  metadata: {
    labels: Object.fromEntries(
      Array.from({ length: 6_000 }, (_, n) => [`${'k'.repeat(40)}-${n}`, value]),
    ),
  },
});
const NAMESPACE = '/api/v1/namespaces/large-team';

let rig: Rig;
let first: ControllerProcess;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
  first = await rig.run(MEMORY);
  await rig.optInAndWait('large-team');
});
closeAfterAll(() => [rig]);

const untilTooLarge = (resource: string, count: number) =>
  eventually({ what: `${count} ${resource} that are too large`, limitMs: 60_000 }, async () => {
    const metrics = await rig.controller.metrics();
    return metrics.value('ecr_pull_secrets_objects_too_large', { resource }) === count;
  });

describe('a tenant who never opted in', () => {
  it('may have twenty ServiceAccounts of a megabyte, and the controller runs on', async () => {
    await rig.namespace('large-stranger');
    const path = '/api/v1/namespaces/large-stranger/serviceaccounts';
    for (let n = 0; n < COUNT; n += 1) {
      await rig.admin.create(path, { metadata: { name: `fat-${n}` }, ...FAT });
    }

    await untilTooLarge('serviceaccounts', COUNT);
    await rig.optInAndWait('large-late');

    expect(first.hasExited).toBe(false);
    expect(await rig.events('large-stranger')).toEqual([]);
  });

  it('does not keep a new controller from starting', async () => {
    await first.stop();
    const second = await rig.run(MEMORY);
    await rig.optInAndWait('large-later');
    await untilTooLarge('serviceaccounts', COUNT);

    expect(second.hasExited).toBe(false);
  });
});

describe('in a namespace that is opted in', () => {
  it('a large ServiceAccount is left alone, until it is small again', async () => {
    await rig.makeAccount('large-team', 'app');
    await rig.untilAttached('large-team', 'app');
    const fat = await rig.admin.mergePatch(accountPath('large-team', 'app'), FAT);
    const event = await rig.untilEvent('large-team', 'ObjectTooLarge');
    await rig.makeAccount('large-team', 'other');
    await rig.untilAttached('large-team', 'other');

    const now = await rig.admin.get(accountPath('large-team', 'app'));
    expect(event.message).toMatch(/^ServiceAccount "app" is too large to be read/);
    expect(now.metadata.resourceVersion).toBe(fat.metadata.resourceVersion);

    await rig.admin.mergePatch(accountPath('large-team', 'app'), { imagePullSecrets: null });
    await rig.untilAttached('large-team', 'app');
  });

  it('a large Namespace freezes itself', async () => {
    await rig.admin.mergePatch(NAMESPACE, fatLabels('v'.repeat(60)));
    await untilTooLarge('namespaces', 1);
    await rig.annotate('large-team', { enabled: 'false' });
    await rig.makeAccount('large-team', 'frozen');
    await eventually({ what: 'the Event', limitMs: 15_000 }, async () =>
      (await rig.events('large-team')).some(({ message }) =>
        message.startsWith('this Namespace object is too large to be read'),
      ),
    );

    expect(await rig.findSecret('large-team')).toBeDefined();
    expect(await rig.references('large-team', 'frozen')).toEqual([]);
    await rig.annotate('large-team', { enabled: 'true' });
    await rig.admin.mergePatch(NAMESPACE, fatLabels(null));
    await rig.untilAttached('large-team', 'frozen');
  });

  it('a large Secret freezes it, and is repaired when it is small again', async () => {
    await rig.patchSecret('large-team', fatLabels('v'.repeat(60)));
    await untilTooLarge('secrets', 1);
    await rig.makeAccount('large-team', 'waiting');
    await eventually({ what: 'the Event', limitMs: 15_000 }, async () =>
      (await rig.events('large-team')).some(({ message }) =>
        message.startsWith(`the metadata of Secret "${SECRET_NAME}" is too large`),
      ),
    );
    expect(await rig.references('large-team', 'waiting')).toEqual([]);

    await rig.patchSecret('large-team', fatLabels(null));

    await rig.untilAttached('large-team', 'waiting');
    await rig.untilReady('large-team');
  });
});

itLeavesNothing(() => rig);
