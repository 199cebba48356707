/** What teams write on their Namespaces and ServiceAccounts, both valid and invalid. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import {
  accountPath,
  annotationKey,
  noteOf,
  ourAnnotations,
  SECRET_NAME,
  tokensIn,
} from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const SHARED_HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const TEAM_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const CONFIG = `
profiles:
  default: {registries: [${SHARED_HOST}]}
  team: {registries: [${TEAM_HOST}, ${SHARED_HOST}], allowedNamespaces: {names: ["notes-team-*"]}}
namespaces: {selector: {matchLabels: {images: private}}}
`;

const NAMES = Array.from({ length: 20 }, (_, index) => `notes-refresh-${index}`);
const NAMESPACES = [
  'in',
  'selected',
  'later',
  'out',
  'bad-enabled',
  'bad-profiles',
  'bad-service-accounts',
  'frozen',
  'list',
  'none',
  'attach',
  'team-a',
].map((name) => `notes-${name}`);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared', namespaces: [...NAMESPACES, ...NAMES] });
  await rig.run({ config: CONFIG });
});
closeAfterAll(() => [rig]);

describe('opting in', () => {
  it('works with the annotation', async () => {
    await rig.optIn('notes-in');

    expect(tokensIn(await rig.untilReady('notes-in'))).toEqual({ [SHARED_HOST]: 1 });
  });

  it("works with the administrator's selector, also for a label that is added later", async () => {
    await rig.namespace('notes-selected', { labels: { images: 'private' } });
    await rig.namespace('notes-later');

    await rig.untilReady('notes-selected');
    await rig.requeue('notes-later');
    expect(await rig.findSecret('notes-later')).toBeUndefined();
    await rig.admin.mergePatch('/api/v1/namespaces/notes-later', {
      metadata: { labels: { images: 'private' } },
    });
    await rig.untilReady('notes-later');
  });

  it('is overruled by "false"', async () => {
    const annotations = ourAnnotations({ enabled: 'false' });
    await rig.namespace('notes-out', { labels: { images: 'private' }, annotations });

    await rig.requeue('notes-out');

    expect(await rig.findSecret('notes-out')).toBeUndefined();
    expect(await rig.references('notes-out')).toEqual([]);
  });
});

describe('an annotation that can not be parsed', () => {
  it.each([
    { key: 'enabled', value: 'yes', allowed: 'allowed: "true" or "false"' },
    { key: 'profiles', value: 'Team A', allowed: 'allowed: up to 128 profile names' },
    { key: 'service-accounts', value: 'a b', allowed: 'allowed: "*", "none"' },
  ])(
    '$key creates nothing in a new namespace, and the Event names what is allowed',
    async (fault) => {
      const namespace = `notes-bad-${fault.key}`;
      await rig.optIn(namespace, { [fault.key]: fault.value });

      const event = await rig.untilEvent(namespace, 'InvalidAnnotation');

      expect(event.message).toContain(annotationKey(fault.key));
      expect(event.message).toContain(fault.allowed);
      await rig.requeue(namespace);
      expect(await rig.findSecret(namespace)).toBeUndefined();
      expect(await rig.references(namespace)).toEqual([]);
    },
  );

  it('freezes a namespace: its Secret stays whole, nothing is attached or removed', async () => {
    await rig.optIn('notes-frozen');
    const before = await rig.untilReady('notes-frozen');
    await rig.annotate('notes-frozen', { enabled: 'yes' });
    await rig.untilEvent('notes-frozen', 'InvalidAnnotation');

    await rig.makeAccount('notes-frozen', 'late');
    await rig.patchSecret('notes-frozen', {
      data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') },
    });

    const whole = JSON.stringify(before['data']);
    await rig.untilSecret(
      'notes-frozen',
      'the repair',
      ({ data }) => JSON.stringify(data) === whole,
    );
    await rig.requeue('notes-frozen');
    expect(await rig.references('notes-frozen', 'late')).toEqual([]);
    expect(await rig.references('notes-frozen')).toEqual([SECRET_NAME]);
    const reason = { reason: 'InvalidAnnotation' };
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secrets_namespaces_stalled', reason)).toBe(4);

    await rig.annotate('notes-frozen', { enabled: 'true' });
    await rig.untilAttached('notes-frozen', 'late');
  });
});

describe('ServiceAccounts', () => {
  it('are attached by the list of the namespace, which may change', async () => {
    await rig.optIn('notes-list', { 'service-accounts': 'builder, runner' });
    await rig.makeAccount('notes-list', 'builder');
    await rig.untilAttached('notes-list', 'builder');
    // One that is created later, and `default`, which is not in the list.
    await rig.makeAccount('notes-list', 'runner');
    await rig.untilAttached('notes-list', 'runner');
    expect(await rig.references('notes-list')).toEqual([]);

    await rig.annotate('notes-list', { 'service-accounts': 'default' });

    await rig.untilAttached('notes-list', 'default');
    await rig.untilAttached('notes-list', 'builder', false);
    await rig.untilAttached('notes-list', 'runner', false);
  });

  it('are left out by "none": there is only a Secret', async () => {
    await rig.optIn('notes-none', { 'service-accounts': 'none' });

    await rig.untilSecret('notes-none', 'the Secret', () => true);
    await rig.requeue('notes-none');
    expect(await rig.references('notes-none')).toEqual([]);
  });

  it('override the list by their own annotation; an invalid one freezes only itself', async () => {
    await rig.optIn('notes-attach');
    for (const name of ['stays', 'leaves', 'garbled']) await rig.makeAccount('notes-attach', name);
    for (const name of ['stays', 'leaves', 'garbled']) {
      await rig.untilAttached('notes-attach', name);
    }
    await annotateAccount('notes-attach', 'garbled', 'perhaps');
    await annotateAccount('notes-attach', 'leaves', 'false');
    await rig.untilAttached('notes-attach', 'leaves', false);
    await annotateAccount('notes-attach', 'stays', 'true');
    const event = await rig.untilEvent('notes-attach', 'InvalidAnnotation');
    expect(event).toMatchObject({
      message: expect.stringContaining('allowed: "true" or "false"'),
      involvedObject: { kind: 'ServiceAccount', name: 'garbled', namespace: 'notes-attach' },
    });

    await rig.annotate('notes-attach', { 'service-accounts': 'none' });

    await rig.untilAttached('notes-attach', 'default', false);
    expect(await rig.references('notes-attach', 'stays')).toEqual([SECRET_NAME]);
    expect(await rig.references('notes-attach', 'garbled')).toEqual([SECRET_NAME]);
  });
});

describe('a profile', () => {
  it('gives its own registries to a namespace that may use it', async () => {
    await rig.optIn('notes-team-a', { profiles: 'team' });

    const secret = await rig.untilReady('notes-team-a');
    expect(tokensIn(secret)).toEqual({ [SHARED_HOST]: 1, [TEAM_HOST]: 1 });
  });
});

describe('a request for a refresh', () => {
  it('on 20 namespaces costs one mint and refreshes all', async () => {
    for (const name of NAMES) await rig.optIn(name);
    await rig.untilAllReady(NAMES);
    // A token of the last minute would do, so this is a new process, which has none in its cache.
    await rig.controller.kill();
    await rig.run({ config: CONFIG });
    const callsBefore = rig.aws.calls.length;

    await Promise.all(
      NAMES.map(async (name) => rig.annotate(name, { 'refresh-requested-at': 'now' })),
    );

    const isRefreshed = (secret: KubeObject) =>
      tokensIn(secret)[SHARED_HOST] === 2 && noteOf(secret, 'refresh-requested-at') === 'now';
    for (const name of NAMES) await rig.untilSecret(name, 'a new token', isRefreshed, 20_000);
    expect(rig.aws.calls).toHaveLength(callsBefore + 1);
    await rig.requeue(...NAMES);
    expect(rig.aws.calls).toHaveLength(2);
    expect(await rig.events('notes-refresh-0')).toHaveLength(1);
  });
});

itLeavesNothing(() => rig);

async function annotateAccount(namespace: string, name: string, attach: string): Promise<void> {
  const annotations = ourAnnotations({ attach });
  await rig.admin.mergePatch(accountPath(namespace, name), { metadata: { annotations } });
}
