/** Whatever somebody does to our Secret or our entry is undone at once, with the token that is held. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import {
  accountPath,
  annotationKey,
  ENABLED,
  entriesOf,
  SECRET_NAME,
  secretPath,
  tokensIn,
  untilReady,
} from '../support/opted-in.ts';
import { Rig } from '../support/rig.ts';
import { lookAgain } from '../support/settled.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const EMPTY = Buffer.from('{"auths":{}}').toString('base64');
const FUTURE = '2030-01-01T00:00:00.000Z';

interface Tampering {
  readonly name: string;
  readonly patch: object;
}

const tamperings: readonly Tampering[] = [
  { name: 'data changed', patch: { data: { '.dockerconfigjson': EMPTY } } },
  { name: 'data key added', patch: { data: { extra: 'eA==' } } },
  { name: 'label stripped', patch: labels({ 'app.kubernetes.io/managed-by': null }) },
  {
    name: 'labels stripped',
    patch: labels({ 'app.kubernetes.io/managed-by': null, 'app.kubernetes.io/instance': null }),
  },
  { name: 'instance changed', patch: labels({ 'app.kubernetes.io/instance': 'other' }) },
  { name: 'expires-at forged', patch: annotations({ 'expires-at': FUTURE }) },
  { name: 'expires-at stripped', patch: annotations({ 'expires-at': null }) },
  { name: 'tokens forged', patch: annotations({ tokens: forgedTokens() }) },
  { name: 'tokens stripped', patch: annotations({ tokens: null }) },
  { name: 'registries forged', patch: annotations({ registries: 'evil.example.com' }) },
  { name: 'config-hash forged', patch: annotations({ 'config-hash': 'x' }) },
  { name: 'removal-due-at forged', patch: annotations({ 'removal-due-at': FUTURE }) },
  {
    name: 'all at once',
    patch: {
      data: { '.dockerconfigjson': EMPTY, extra: 'eA==' },
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': null },
        annotations: { [annotationKey('tokens')]: forgedTokens() },
      },
    },
  },
];

describe('a pull secret that somebody changes', () => {
  let rig: Rig;

  beforeAll(async () => {
    const names = ['deleted', 'entry', 'requested', 'reset', ...tamperings.map(({ name }) => name)];
    rig = await Rig.open({ controlPlane: 'shared', namespaces: names.map(namespaceOf) });
    await rig.run();
    for (const name of names) await rig.namespace(namespaceOf(name), { annotations: ENABLED });
    await Promise.all(names.map(async (name) => untilReady(rig.admin, namespaceOf(name))));
  });
  closeAfterAll(() => [rig]);

  it.each(tamperings)('is as before: $name', async ({ name, patch }) => {
    const path = secretPath(namespaceOf(name));
    const before = await rig.admin.get(path);

    const tampered = await rig.admin.mergePatch(path, patch);

    expect(contentOf(tampered)).not.toEqual(contentOf(before));
    const after = await untilContent(rig, path, contentOf(before));
    expect(after.metadata.uid).toBe(before.metadata.uid);
  });

  it('comes back when it is deleted', async () => {
    const path = secretPath(namespaceOf('deleted'));
    const before = await rig.admin.get(path);

    await rig.admin.delete(path);

    const after = await untilContent(rig, path, contentOf(before));
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
  });

  it('is taken back from somebody who applies over it', async () => {
    const path = secretPath(namespaceOf('reset'));
    const before = await rig.admin.get(path);

    const data = { '.dockerconfigjson': EMPTY };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET_NAME }, data };
    await rig.admin.apply(path, { ...secret, type: before['type'] }, 'gitops');

    await untilContent(rig, path, contentOf(before));
  });

  it('is referenced again when our entry is taken off a ServiceAccount', async () => {
    const path = accountPath(namespaceOf('entry'));

    await rig.admin.mergePatch(path, { imagePullSecrets: [{ name: 'own' }] });

    await eventually({ what: 'our entry', limitMs: 10_000 }, async () =>
      (await entriesOf(rig.admin, namespaceOf('entry'))).includes(SECRET_NAME),
    );
    expect(await entriesOf(rig.admin, namespaceOf('entry'))).toEqual(['own', SECRET_NAME]);
  });

  it('causes no loop when refresh-requested-at is forged on it', async () => {
    const namespace = namespaceOf('requested');
    await rig.admin.mergePatch(
      secretPath(namespace),
      annotations({ 'refresh-requested-at': 'now' }),
    );
    await lookAgain(rig, [namespace]);
    const { metadata } = await rig.admin.get(secretPath(namespace));

    await lookAgain(rig, [namespace]);

    const after = await rig.admin.get(secretPath(namespace));
    expect(after.metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect(tokensIn(after)).toEqual({ [HOST]: 1 });
  });

  it('costs no ECR call while the token is held', () => {
    expect(rig.aws.calls).toHaveLength(1);
  });

  it('is told to the people of the namespace, once', async () => {
    const events = await rig.admin.list(`/api/v1/namespaces/${namespaceOf('deleted')}/events`);

    expect(events.map((event) => event['reason'])).toEqual(['PullSecretCreated']);
  });

  it('costs one ECR call after a restart', async () => {
    await rig.controller.kill();
    await rig.admin.delete(secretPath(namespaceOf('deleted')));
    await rig.admin.mergePatch(secretPath(namespaceOf('reset')), { data: { extra: 'eA==' } });

    await rig.run();

    const restored = await untilReady(rig.admin, namespaceOf('deleted'));
    expect(tokensIn(restored)).toEqual({ [HOST]: 2 });
    await eventually({ what: 'the extra key to be gone', limitMs: 10_000 }, async () => {
      const secret = await rig.admin.get(secretPath(namespaceOf('reset')));
      return tokensIn(secret)[HOST] === 1;
    });
    await rig.admin.delete(secretPath(namespaceOf('entry')));
    expect(tokensIn(await untilReady(rig.admin, namespaceOf('entry')))).toEqual({ [HOST]: 2 });
    expect(rig.aws.calls).toHaveLength(2);
  });

  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig.misdeeds()).toEqual([]);
  });
});

function namespaceOf(name: string): string {
  return `repair-${name.replaceAll(' ', '-')}`;
}

function labels(values: Readonly<Record<string, string | null>>): object {
  return { metadata: { labels: values } };
}

function annotations(values: Readonly<Record<string, string | null>>): object {
  const keyed = Object.entries(values).map(([name, value]) => [annotationKey(name), value]);
  return { metadata: { annotations: Object.fromEntries(keyed) } };
}

function forgedTokens(): string {
  const times = { mintedAt: '2029-12-31T12:00:00.000Z', expiresAt: FUTURE };
  return JSON.stringify([{ profile: 'default', identity: 'x', ...times }]);
}

/** All that people see of it. */
function contentOf(secret: KubeObject): object {
  const { labels: ofSecret, annotations: onSecret } = secret.metadata;
  return {
    type: secret['type'],
    data: secret['data'],
    labels: ofSecret,
    annotations: onSecret,
  };
}

async function untilContent(rig: Rig, path: string, content: object): Promise<KubeObject> {
  const wanted = JSON.stringify(content);
  return eventually({ what: `${path} to be as before`, limitMs: 10_000 }, async () => {
    const secret = await rig.admin.find(path);
    return secret !== undefined && JSON.stringify(contentOf(secret)) === wanted
      ? secret
      : undefined;
  });
}
