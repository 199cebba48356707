/** What teams write on their Namespaces and ServiceAccounts, right and wrong. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import { eventually } from '../support/eventually.ts';
import {
  accountPath,
  annotationKey,
  ENABLED,
  entriesOf,
  eventsIn,
  SECRET_NAME,
  secretPath,
  tokensIn,
  untilEvent,
  untilReady,
} from '../support/opted-in.ts';
import { Rig } from '../support/rig.ts';
import { lookAgain } from '../support/settled.ts';

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
  it('works by the annotation', async () => {
    await rig.namespace('notes-in', { annotations: ENABLED });

    expect(tokensIn(await untilReady(rig.admin, 'notes-in'))).toEqual({ [SHARED_HOST]: 1 });
  });

  it("works by the administrator's selector, and for a label that comes later", async () => {
    await rig.namespace('notes-selected', { labels: { images: 'private' } });
    await rig.namespace('notes-later');

    await untilReady(rig.admin, 'notes-selected');
    await lookAgain(rig, ['notes-later']);
    expect(await rig.admin.find(secretPath('notes-later'))).toBeUndefined();
    await rig.admin.mergePatch('/api/v1/namespaces/notes-later', {
      metadata: { labels: { images: 'private' } },
    });
    await untilReady(rig.admin, 'notes-later');
  });

  it('is overruled by "false"', async () => {
    const annotations = { [annotationKey('enabled')]: 'false' };
    await rig.namespace('notes-out', { labels: { images: 'private' }, annotations });

    await lookAgain(rig, ['notes-out']);

    expect(await rig.admin.find(secretPath('notes-out'))).toBeUndefined();
    expect(await entriesOf(rig.admin, 'notes-out')).toEqual([]);
  });
});

describe('an annotation that can not be parsed', () => {
  it.each([
    { key: 'enabled', value: 'yes', allowed: 'allowed are "true" and "false"' },
    { key: 'profiles', value: 'Team A', allowed: 'allowed are profile names' },
    { key: 'service-accounts', value: 'a b', allowed: 'allowed are "*", "none"' },
  ])('of $key makes nothing in a new namespace, and tells what is allowed', async (fault) => {
    const namespace = `notes-bad-${fault.key}`;
    const annotations = { ...ENABLED, [annotationKey(fault.key)]: fault.value };
    await rig.namespace(namespace, { annotations });

    const event = await untilEvent(rig.admin, namespace, 'InvalidAnnotation');

    expect(event.message).toContain(annotationKey(fault.key));
    expect(event.message).toContain(fault.allowed);
    await lookAgain(rig, [namespace]);
    expect(await rig.admin.find(secretPath(namespace))).toBeUndefined();
    expect(await entriesOf(rig.admin, namespace)).toEqual([]);
  });

  it('freezes a namespace: its Secret stays whole, nothing is attached or removed', async () => {
    await rig.namespace('notes-frozen', { annotations: ENABLED });
    const before = await untilReady(rig.admin, 'notes-frozen');
    await annotate('notes-frozen', { enabled: 'yes' });
    await untilEvent(rig.admin, 'notes-frozen', 'InvalidAnnotation');

    await makeAccount('notes-frozen', 'late');
    await rig.admin.mergePatch(secretPath('notes-frozen'), {
      data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') },
    });

    await eventually({ what: 'the repair', limitMs: 10_000 }, async () => {
      const { data } = await rig.admin.get(secretPath('notes-frozen'));
      return JSON.stringify(data) === JSON.stringify(before['data']);
    });
    await lookAgain(rig, ['notes-frozen']);
    expect(await entriesOf(rig.admin, 'notes-frozen', 'late')).toEqual([]);
    expect(await entriesOf(rig.admin, 'notes-frozen')).toEqual([SECRET_NAME]);
    const reason = { reason: 'InvalidAnnotation' };
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secret_namespaces_stalled', reason)).toBe(4);

    await annotate('notes-frozen', { enabled: 'true' });
    await untilAttached('notes-frozen', 'late', true);
  });
});

describe('ServiceAccounts', () => {
  it('are attached by the list of the namespace, which may change', async () => {
    const annotations = { ...ENABLED, [annotationKey('service-accounts')]: 'builder, runner' };
    await rig.namespace('notes-list', { annotations });
    await makeAccount('notes-list', 'builder');
    await untilAttached('notes-list', 'builder', true);
    // One that comes later, and `default`, which is not in the list.
    await makeAccount('notes-list', 'runner');
    await untilAttached('notes-list', 'runner', true);
    expect(await entriesOf(rig.admin, 'notes-list')).toEqual([]);

    await annotate('notes-list', { 'service-accounts': 'default' });

    await untilAttached('notes-list', 'default', true);
    await untilAttached('notes-list', 'builder', false);
    await untilAttached('notes-list', 'runner', false);
  });

  it('are left out by "none": a Secret alone', async () => {
    const annotations = { ...ENABLED, [annotationKey('service-accounts')]: 'none' };
    await rig.namespace('notes-none', { annotations });

    await eventually({ what: 'the Secret', limitMs: 10_000 }, async () =>
      rig.admin.find(secretPath('notes-none')),
    );
    await lookAgain(rig, ['notes-none']);
    expect(await entriesOf(rig.admin, 'notes-none')).toEqual([]);
  });

  it('overrule the list by their own annotation; one that can not be parsed freezes just that one', async () => {
    await rig.namespace('notes-attach', { annotations: ENABLED });
    for (const name of ['stays', 'leaves', 'garbled']) await makeAccount('notes-attach', name);
    for (const name of ['stays', 'leaves', 'garbled']) {
      await untilAttached('notes-attach', name, true);
    }
    await annotateAccount('notes-attach', 'garbled', 'perhaps');
    await annotateAccount('notes-attach', 'leaves', 'false');
    await untilAttached('notes-attach', 'leaves', false);
    await annotateAccount('notes-attach', 'stays', 'true');
    const event = await untilEvent(rig.admin, 'notes-attach', 'InvalidAnnotation');
    expect(event).toMatchObject({
      message: expect.stringContaining('allowed are "true" and "false"'),
      involvedObject: { kind: 'ServiceAccount', name: 'garbled', namespace: 'notes-attach' },
    });

    await annotate('notes-attach', { 'service-accounts': 'none' });

    await untilAttached('notes-attach', 'default', false);
    expect(await entriesOf(rig.admin, 'notes-attach', 'stays')).toEqual([SECRET_NAME]);
    expect(await entriesOf(rig.admin, 'notes-attach', 'garbled')).toEqual([SECRET_NAME]);
  });
});

describe('a profile', () => {
  it('gives its own registries to a namespace that may use it', async () => {
    const annotations = { ...ENABLED, [annotationKey('profiles')]: 'team' };
    await rig.namespace('notes-team-a', { annotations });

    const secret = await untilReady(rig.admin, 'notes-team-a');
    expect(tokensIn(secret)).toEqual({ [SHARED_HOST]: 1, [TEAM_HOST]: 1 });
  });
});

describe('a request for a refresh', () => {
  it('on 20 namespaces costs one mint and refreshes all', async () => {
    for (const name of NAMES) await rig.namespace(name, { annotations: ENABLED });
    for (const name of NAMES) await untilReady(rig.admin, name);
    // A token of the last minute would do: the next process holds none.
    await rig.controller.kill();
    await rig.run({ config: CONFIG });
    const callsBefore = rig.aws.calls.length;

    await Promise.all(NAMES.map(async (name) => annotate(name, { 'refresh-requested-at': 'now' })));

    for (const name of NAMES) {
      await eventually({ what: `a new token in ${name}`, limitMs: 20_000 }, async () => {
        const secret = await rig.admin.get(secretPath(name));
        const isNoted = secret.metadata.annotations?.[annotationKey('refresh-requested-at')];
        return tokensIn(secret)[SHARED_HOST] === 2 && isNoted === 'now';
      });
    }
    expect(rig.aws.calls).toHaveLength(callsBefore + 1);
    await lookAgain(rig, NAMES);
    expect(rig.aws.calls).toHaveLength(2);
    expect(await eventsIn(rig.admin, 'notes-refresh-0')).toHaveLength(1);
  });
});

it('all that leaves no token anywhere else, and nothing that we were refused', async () => {
  expect(await rig.misdeeds()).toEqual([]);
});

async function annotate(
  namespace: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const pairs = Object.entries(values).map(([name, value]) => [annotationKey(name), value]);
  const annotations: unknown = Object.fromEntries(pairs);
  await rig.admin.mergePatch(`/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
}

async function makeAccount(namespace: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await rig.admin.create(path, { metadata: { name } });
}

async function annotateAccount(namespace: string, name: string, attach: string): Promise<void> {
  const annotations = { [annotationKey('attach')]: attach };
  await rig.admin.mergePatch(accountPath(namespace, name), { metadata: { annotations } });
}

async function untilAttached(namespace: string, name: string, isWanted: boolean): Promise<void> {
  const what = `${namespace}/${name} to be ${isWanted ? 'attached' : 'detached'}`;
  await eventually({ what, limitMs: 15_000 }, async () => {
    const entries = await entriesOf(rig.admin, namespace, name);
    return entries.includes(SECRET_NAME) === isWanted;
  });
}
