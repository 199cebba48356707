/**
 * What an attacker with our stolen identity can do: next to nothing, under the permissions and the guard of an
 * installation.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import {
  AdminClient,
  type Answer,
  type KubeObject,
} from '../support/control-plane/admin-client.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { SECRET_NAME, accountPath, secretPath } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const INSTANCE = 'app.kubernetes.io/instance';
const LABELS = { [MANAGED_BY]: 'ecr-pull-secrets', [INSTANCE]: 'default' };
const OTHER = { ...LABELS, [INSTANCE]: 'other' };
const DOCKER = {
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
};
const TOKEN = { type: 'kubernetes.io/service-account-token' };
const ANNOTATED = { annotations: { 'kubernetes.io/service-account.name': 'default' } };
const STAMP = { annotations: { 'ecr-pull-secrets.io/removal-due-at': '2026-01-01T00:00:00.000Z' } };
const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-of-owner' };

/** Each in its own namespace: one Secret name, one Secret. */
const FREE = 'drills-free';
const OURS = 'drills-ours';
const RESTORED = 'drills-restored';
const OLD_LABEL = 'drills-old-label';
const STRIPPED = 'drills-stripped';
const FOREIGN = ['drills-opaque', 'drills-no-label', 'drills-other-instance', 'drills-gitops'];
const NAMESPACES = [FREE, OURS, RESTORED, OLD_LABEL, STRIPPED, ...FOREIGN];

let rig: Rig;
let ours: AdminClient;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared', namespaces: NAMESPACES });
  ours = await AdminClient.from(await rig.controlPlane.kubeconfigFor(INSTALLED_AS));
  await Promise.all(NAMESPACES.map(async (name) => rig.namespace(name)));
  await make('drills-opaque', { type: 'Opaque' });
  await make('drills-no-label', DOCKER);
  await make('drills-other-instance', DOCKER, OTHER);
  await rig.admin.apply(secretPath('drills-gitops'), aSecret(DOCKER), 'gitops');
  await make(RESTORED, DOCKER, LABELS);
  await make(OLD_LABEL, DOCKER, { [MANAGED_BY]: 'ecr-pull-secrets' });
  for (const name of [OURS, STRIPPED]) expect((await apply(name)).status).toBe(201);
  const stripped = { metadata: { labels: { [MANAGED_BY]: null, [INSTANCE]: 'changed' } } };
  await rig.patchSecret(STRIPPED, stripped);
  for (const name of NAMESPACES) await rig.admin.apply(accountPath(name), anAccount());
});
closeAfterAll(() => [ours, rig]);

describe('our identity is refused by the guard', () => {
  it.each(FOREIGN)(
    'to take over, stamp or delete a foreign Secret with our name: %s',
    async (name) => {
      await refuses('neither a server-side apply entry', secretPath(name), async () => [
        // Nobody can change the type of a Secret that is not a pull secret.
        ...(name === 'drills-opaque' ? [] : [await apply(name)]),
        await patch(secretPath(name), { metadata: { labels: LABELS } }),
        await patch(secretPath(name), { metadata: STAMP }),
        await patch(secretPath(name), { data: { more: 'bW9yZQ==' } }),
      ]);
      await refuses('may not delete it', secretPath(name), async () => [
        await ours.raw('DELETE', secretPath(name)),
      ]);
    },
  );

  it('to delete a Secret with only our label', async () => {
    await refuses('a label does not prove', secretPath(RESTORED), async () => [
      await ours.raw('DELETE', secretPath(RESTORED)),
    ]);
  });

  it('to create anything but a whole Secret of ours under our name', async () => {
    const answers = [
      [
        'may only write Secrets of type kubernetes.io/dockerconfigjson',
        await apply(FREE, TOKEN, ANNOTATED),
      ],
      [
        'may only write Secrets of type kubernetes.io/dockerconfigjson',
        await apply(FREE, { type: 'Opaque' }),
      ],
      ['may only write Secrets with its labels', await apply(FREE, DOCKER, { labels: {} })],
      ['may only write Secrets with its labels', await apply(FREE, DOCKER, { labels: OTHER })],
      ['may not add finalizers', await apply(FREE, DOCKER, { finalizers: ['example.com/hold'] })],
      ['or owner references to Secrets', await apply(FREE, DOCKER, { ownerReferences: [OWNER] })],
    ] as const;

    for (const [says, answer] of answers) expectRefusal(answer, says);
    expect(await rig.findSecret(FREE)).toBeUndefined();
  });

  it('to turn our own Secret into something else', async () => {
    await refuses('ValidatingAdmissionPolicy', secretPath(OURS), async () => [
      await patch(secretPath(OURS), { metadata: { labels: { [MANAGED_BY]: null } } }),
      await patch(secretPath(OURS), { metadata: { labels: { [INSTANCE]: 'other' } } }),
      await patch(secretPath(OURS), { metadata: { finalizers: ['example.com/hold'] } }),
      await patch(secretPath(OURS), { metadata: { ownerReferences: [OWNER] } }),
    ]);
  });

  it.each([
    [
      'an annotation, such as a role',
      { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } } },
    ],
    ['a removed annotation', { metadata: { annotations: { kept: null } } }],
    ['a label', { metadata: { labels: { more: 'more' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/hold'] } }],
    ['an owner', { metadata: { ownerReferences: [OWNER] } }],
    ['the list of secrets', { secrets: [{ name: 'ecr-pull-secret' }] }],
    ['automount', { automountServiceAccountToken: true }],
    ['automount removed', { automountServiceAccountToken: null }],
    ['another reference', { imagePullSecrets: entries('a', 'b', 'c') }],
    ['the order of other references', { imagePullSecrets: entries('b', 'a') }],
    ["another reference's place by ours", { imagePullSecrets: entries('b', SECRET_NAME, 'a') }],
    ['another reference removed', { imagePullSecrets: entries('a') }],
    ['all references removed', { imagePullSecrets: null }],
    ['our reference twice', { imagePullSecrets: entries('a', 'b', SECRET_NAME, SECRET_NAME) }],
    [
      'more than our reference',
      { imagePullSecrets: entries('a', 'b', SECRET_NAME), automountServiceAccountToken: true },
    ],
  ])('to change this in a ServiceAccount: %s', async (_, change) => {
    await refuses('ValidatingAdmissionPolicy', accountPath(FREE), async () => [
      await patch(accountPath(FREE), change),
    ]);
  });

  it('to apply a ServiceAccount, which would replace its list', async () => {
    const body = { ...anAccount(), imagePullSecrets: entries(SECRET_NAME) };

    await refuses('only add and remove its own reference', accountPath(FREE), async () => [
      await applyTo(accountPath(FREE), body),
    ]);
  });
});

describe('our identity may', () => {
  it('restore a stripped label', async () => {
    expect(await patch(secretPath(STRIPPED), { metadata: STAMP })).toMatchObject({ status: 200 });

    const answer = await patch(secretPath(STRIPPED), { metadata: { labels: LABELS } });

    expect(answer).toMatchObject({ status: 200, body: { metadata: { labels: LABELS } } });
  });

  it.each([RESTORED, OLD_LABEL])(
    'refresh, and then delete, a Secret with our label: %s',
    async (name) => {
      expect(await patch(secretPath(name), { metadata: { labels: LABELS } })).toMatchObject({
        status: 200,
      });
      expect(await apply(name)).toMatchObject({ status: 200 });

      expect(await ours.raw('DELETE', secretPath(name))).toMatchObject({ status: 200 });
    },
  );

  it('create, stamp, repair, refresh and delete its own Secret', async () => {
    const path = secretPath(FREE);
    const foreignKey = { data: { more: 'bW9yZQ==' } };
    expect(await apply(FREE)).toMatchObject({ status: 201 });
    await rig.admin.mergePatch(path, {
      ...foreignKey,
      metadata: { finalizers: ['example.com/hold'] },
    });

    const answers = [
      await patch(path, { metadata: STAMP }),
      await patch(path, { data: { more: null } }),
      await apply(FREE),
      await ours.raw('DELETE', path),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await rig.admin.mergePatch(path, { metadata: { finalizers: null } });
  });

  it.each([
    ['add', entries('a', 'b'), entries('a', 'b', SECRET_NAME)],
    ['add between others', entries('a', 'b'), entries('a', SECRET_NAME, 'b')],
    ['keep once', entries(SECRET_NAME, 'a', SECRET_NAME), entries(SECRET_NAME, 'a')],
    ['remove', entries(SECRET_NAME, 'a'), entries('a')],
    ['remove as the last', entries(SECRET_NAME), []],
  ])('%s its reference in a ServiceAccount', async (_, before, after) => {
    await rig.admin.mergePatch(accountPath(OURS), { imagePullSecrets: before });

    const answer = await patch(accountPath(OURS), { imagePullSecrets: after });

    expect(answer).toMatchObject({ status: 200 });
  });

  it('add its reference to 5,000 others', async () => {
    const many = entries(...Array.from({ length: 5_000 }, (_, index) => `entry-${index}`));
    await rig.admin.mergePatch(accountPath(OURS), { imagePullSecrets: many });

    const answer = await patch(accountPath(OURS), {
      imagePullSecrets: [...many, ...entries(SECRET_NAME)],
    });

    expect(answer.status).toBe(200);
  });
});

/** All attempts are refused, in the guard's words, and nothing is changed. */
async function refuses(
  words: string,
  path: string,
  attempts: () => Promise<readonly Answer[]>,
): Promise<void> {
  const before = await rig.admin.get(path);
  for (const answer of await attempts()) expectRefusal(answer, words);
  const { resourceVersion } = before.metadata;
  expect(await rig.admin.get(path)).toMatchObject({ metadata: { resourceVersion } });
}

function expectRefusal(answer: Answer, words: string): void {
  expect(answer).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining(`'ecr-pull-secrets-guard-`) },
  });
  expect((answer.body as { readonly message: string }).message).toContain(words);
}

async function make(namespace: string, content: object, labels = {}): Promise<void> {
  const body = aSecret(content, { labels });
  await rig.admin.create(`/api/v1/namespaces/${namespace}/secrets`, body);
}

async function apply(namespace: string, content: object = DOCKER, metadata = {}): Promise<Answer> {
  return applyTo(secretPath(namespace), aSecret(content, { labels: LABELS, ...metadata }));
}

async function applyTo(path: string, body: object): Promise<Answer> {
  const query = 'fieldManager=ecr-pull-secrets&force=true';
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  return ours.raw('PATCH', `${path}?${query}`, body, headers);
}

async function patch(path: string, body: object): Promise<Answer> {
  return ours.raw('PATCH', path, body, { 'content-type': 'application/merge-patch+json' });
}

function aSecret(content: object, metadata = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET_NAME, ...metadata },
    ...content,
  };
}

function anAccount(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', annotations: { kept: 'kept' } },
    secrets: [{ name: 'mounted' }],
    automountServiceAccountToken: false,
    imagePullSecrets: entries('a', 'b'),
  };
}

function entries(...names: readonly string[]) {
  return names.map((name) => ({ name }));
}
