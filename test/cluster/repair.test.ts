/** Whatever somebody does to our Secret or our reference is undone at once, with the cached token. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { ourAnnotations, SECRET_NAME, secretPath, tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

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
        annotations: ourAnnotations({ tokens: forgedTokens() }),
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
    for (const name of names) await rig.optIn(namespaceOf(name));
    await Promise.all(names.map(async (name) => rig.untilReady(namespaceOf(name))));
  });
  closeAfterAll(() => [rig]);

  const untilAsBefore = (namespace: string, before: KubeObject): Promise<KubeObject> =>
    rig.untilSecret(namespace, 'all as before', (secret) => {
      return JSON.stringify(contentOf(secret)) === JSON.stringify(contentOf(before));
    });

  it.each(tamperings)('is repaired: $name', async ({ name, patch }) => {
    const namespace = namespaceOf(name);
    const before = await rig.secret(namespace);

    const tampered = await rig.patchSecret(namespace, patch);

    expect(contentOf(tampered)).not.toEqual(contentOf(before));
    const after = await untilAsBefore(namespace, before);
    expect(after.metadata.uid).toBe(before.metadata.uid);
  });

  it('is re-created when it is deleted', async () => {
    const namespace = namespaceOf('deleted');
    const before = await rig.secret(namespace);

    await rig.deleteSecret(namespace);

    const after = await untilAsBefore(namespace, before);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
  });

  it('is repaired after somebody applies over it', async () => {
    const namespace = namespaceOf('reset');
    const before = await rig.secret(namespace);

    const data = { '.dockerconfigjson': EMPTY };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET_NAME }, data };
    await rig.admin.apply(secretPath(namespace), { ...secret, type: before['type'] }, 'gitops');

    await untilAsBefore(namespace, before);
  });

  it('is referenced again when our reference is removed from a ServiceAccount', async () => {
    await rig.setReferences(namespaceOf('entry'), ['own']);

    await rig.untilAttached(namespaceOf('entry'), 'default');
    expect(await rig.references(namespaceOf('entry'))).toEqual(['own', SECRET_NAME]);
  });

  it('causes no loop when refresh-requested-at is forged on it', async () => {
    const namespace = namespaceOf('requested');
    await rig.admin.mergePatch(
      secretPath(namespace),
      annotations({ 'refresh-requested-at': 'now' }),
    );
    await rig.requeue(namespace);
    const { metadata } = await rig.secret(namespace);

    await rig.requeue(namespace);

    const after = await rig.secret(namespace);
    expect(after.metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect(tokensIn(after)).toEqual({ [HOST]: 1 });
  });

  it('costs no ECR call while the token is cached', () => {
    expect(rig.aws.calls).toHaveLength(1);
  });

  it('is reported to the namespace once', async () => {
    const events = await rig.events(namespaceOf('deleted'));

    expect(events.map(({ reason }) => reason)).toEqual(['PullSecretCreated']);
  });

  it('costs one ECR call after a restart', async () => {
    await rig.controller.kill();
    await rig.deleteSecret(namespaceOf('deleted'));
    await rig.patchSecret(namespaceOf('reset'), { data: { extra: 'eA==' } });

    await rig.run();

    const restored = await rig.untilReady(namespaceOf('deleted'));
    expect(tokensIn(restored)).toEqual({ [HOST]: 2 });
    await rig.untilSecret(namespaceOf('reset'), 'no extra key', (secret) => {
      return tokensIn(secret)[HOST] === 1;
    });
    await rig.deleteSecret(namespaceOf('entry'));
    expect(tokensIn(await rig.untilReady(namespaceOf('entry')))).toEqual({ [HOST]: 2 });
    expect(rig.aws.calls).toHaveLength(2);
  });

  itLeavesNothing(() => rig);
});

function namespaceOf(name: string): string {
  return `repair-${name.replaceAll(' ', '-')}`;
}

function labels(values: Readonly<Record<string, string | null>>): object {
  return { metadata: { labels: values } };
}

function annotations(values: Readonly<Record<string, string | null>>): object {
  return { metadata: { annotations: ourAnnotations(values) } };
}

function forgedTokens(): string {
  const times = { mintedAt: '2029-12-31T12:00:00.000Z', expiresAt: FUTURE };
  return JSON.stringify([{ profile: 'default', identity: 'x', ...times }]);
}

/** Everything that people see of it. */
function contentOf(secret: KubeObject): object {
  const { labels: ofSecret, annotations: onSecret } = secret.metadata;
  return {
    type: secret['type'],
    data: secret['data'],
    labels: ofSecret,
    annotations: onSecret,
  };
}
