/**
 * What an attacker with our stolen identity can do: next to nothing, under the permissions and the guard of an
 * installation.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { SECRET_NAME, accountPath, secretPath } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';
import {
  aSecret,
  entries,
  expectRefusal,
  INSTANCE,
  LABELS,
  MANAGED_BY,
  PULL_SECRET as DOCKER,
  StolenIdentity,
} from '../support/cluster/stolen-identity.ts';

const OTHER = { ...LABELS, [INSTANCE]: 'other' };
const TOKEN = { type: 'kubernetes.io/service-account-token' };
const ANNOTATED = { annotations: { 'kubernetes.io/service-account.name': 'default' } };
const STAMP = { annotations: { 'ecr-pull-secrets.io/removal-due-at': '2026-01-01T00:00:00.000Z' } };
const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-of-owner' };

const APPLY_ENTRY = {
  manager: 'ecr-pull-secrets',
  operation: 'Apply',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': { 'f:.dockerconfigjson': {} } },
};

/** Each in its own namespace: one Secret name, one Secret. */
const FREE = 'drills-free';
const OURS = 'drills-ours';
const RESTORED = 'drills-restored';
const OLD_LABEL = 'drills-old-label';
const STRIPPED = 'drills-stripped';
const FOREIGN = ['drills-opaque', 'drills-no-label', 'drills-other-instance', 'drills-gitops'];
const NAMESPACES = [FREE, OURS, RESTORED, OLD_LABEL, STRIPPED, ...FOREIGN];

let rig: Rig;
let ours: StolenIdentity;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared', namespaces: NAMESPACES });
  ours = await StolenIdentity.of(rig);
  await Promise.all(NAMESPACES.map(async (name) => rig.namespace(name)));
  await make('drills-opaque', { type: 'Opaque' });
  await make('drills-no-label', DOCKER);
  await make('drills-other-instance', DOCKER, OTHER);
  await rig.admin.apply(secretPath('drills-gitops'), aSecret(DOCKER), 'gitops');
  await make(RESTORED, DOCKER, LABELS);
  await make(OLD_LABEL, DOCKER, { [MANAGED_BY]: 'ecr-pull-secrets' });
  for (const name of [OURS, STRIPPED]) expect((await ours.applySecret(name)).status).toBe(201);
  const stripped = { metadata: { labels: { [MANAGED_BY]: null, [INSTANCE]: 'changed' } } };
  await rig.patchSecret(STRIPPED, stripped);
  for (const name of NAMESPACES) await rig.admin.apply(accountPath(name), anAccount());
});
closeAfterAll(() => [ours, rig]);

describe('our identity is refused by the guard', () => {
  it.each(FOREIGN)(
    'to take over, stamp or delete a foreign Secret with our name: %s',
    async (name) => {
      await ours.isRefused('neither a server-side apply entry', secretPath(name), async () => [
        // Nobody can change the type of a Secret that is not a pull secret.
        ...(name === 'drills-opaque' ? [] : [await ours.applySecret(name)]),
        await ours.patch(secretPath(name), { metadata: { labels: LABELS } }),
        await ours.patch(secretPath(name), { metadata: STAMP }),
        await ours.patch(secretPath(name), { data: { more: 'bW9yZQ==' } }),
        // Neither an entry of ours that we have forged, nor another kind of patch, nor one that changes nothing.
        await ours.patch(secretPath(name), { metadata: { managedFields: [APPLY_ENTRY] } }),
        await ours.patch(secretPath(name), {
          metadata: { labels: LABELS, managedFields: [APPLY_ENTRY] },
        }),
        await ours.patch(
          secretPath(name),
          [{ op: 'add', path: '/metadata/labels', value: LABELS }],
          'application/json-patch+json',
        ),
        await ours.patch(
          secretPath(name),
          { metadata: { labels: LABELS } },
          'application/strategic-merge-patch+json',
        ),
        await ours.patch(secretPath(name), {}),
        await ours.patch(`${secretPath(name)}?dryRun=All`, { metadata: { labels: LABELS } }),
      ]);
      await ours.isRefused('may not delete it', secretPath(name), async () => [
        await ours.delete(secretPath(name)),
        await ours.delete(`${secretPath(name)}?dryRun=All`),
      ]);
    },
  );

  it('to delete a Secret with only our label', async () => {
    await ours.isRefused('a label does not prove', secretPath(RESTORED), async () => [
      await ours.delete(secretPath(RESTORED)),
    ]);
  });

  it('to create anything but a whole Secret of ours under our name', async () => {
    const answers = [
      [
        'may only write Secrets of type kubernetes.io/dockerconfigjson',
        await ours.applySecret(FREE, TOKEN, ANNOTATED),
      ],
      [
        'may only write Secrets of type kubernetes.io/dockerconfigjson',
        await ours.applySecret(FREE, { type: 'Opaque' }),
      ],
      [
        'may only write Secrets with its labels',
        await ours.applySecret(FREE, DOCKER, { labels: {} }),
      ],
      [
        'may only write Secrets with its labels',
        await ours.applySecret(FREE, DOCKER, { labels: OTHER }),
      ],
      [
        'may not change finalizers',
        await ours.applySecret(FREE, DOCKER, { finalizers: ['example.com/hold'] }),
      ],
      [
        'or owner references of Secrets',
        await ours.applySecret(FREE, DOCKER, { ownerReferences: [OWNER] }),
      ],
    ] as const;

    for (const [says, answer] of answers) expectRefusal(answer, says);
    expect(await rig.findSecret(FREE)).toBeUndefined();
  });

  it('to turn our own Secret into something else', async () => {
    await ours.isRefused('ValidatingAdmissionPolicy', secretPath(OURS), async () => [
      await ours.patch(secretPath(OURS), { metadata: { labels: { [MANAGED_BY]: null } } }),
      await ours.patch(secretPath(OURS), { metadata: { labels: { [INSTANCE]: 'other' } } }),
      await ours.patch(secretPath(OURS), { metadata: { finalizers: ['example.com/hold'] } }),
      await ours.patch(secretPath(OURS), { metadata: { ownerReferences: [OWNER] } }),
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
    await ours.isRefused('ValidatingAdmissionPolicy', accountPath(FREE), async () => [
      await ours.patch(accountPath(FREE), change),
    ]);
  });

  it('to apply a ServiceAccount, which would replace its list', async () => {
    const body = { ...anAccount(), imagePullSecrets: entries(SECRET_NAME) };

    await ours.isRefused('only add and remove its own reference', accountPath(FREE), async () => [
      await ours.apply(accountPath(FREE), body),
    ]);
  });
});

describe('our identity may', () => {
  it('restore a stripped label', async () => {
    expect(await ours.patch(secretPath(STRIPPED), { metadata: STAMP })).toMatchObject({
      status: 200,
    });

    const answer = await ours.patch(secretPath(STRIPPED), { metadata: { labels: LABELS } });

    expect(answer).toMatchObject({ status: 200, body: { metadata: { labels: LABELS } } });
  });

  it.each([RESTORED, OLD_LABEL])(
    'refresh, and then delete, a Secret with our label: %s',
    async (name) => {
      expect(await ours.patch(secretPath(name), { metadata: { labels: LABELS } })).toMatchObject({
        status: 200,
      });
      expect(await ours.applySecret(name)).toMatchObject({ status: 200 });

      expect(await ours.delete(secretPath(name))).toMatchObject({ status: 200 });
    },
  );

  it('create, stamp, repair, refresh and delete its own Secret', async () => {
    const path = secretPath(FREE);
    const foreignKey = { data: { more: 'bW9yZQ==' } };
    expect(await ours.applySecret(FREE)).toMatchObject({ status: 201 });
    await rig.admin.mergePatch(path, {
      ...foreignKey,
      metadata: { finalizers: ['example.com/hold'] },
    });

    const answers = [
      await ours.patch(path, { metadata: STAMP }),
      await ours.patch(path, { data: { more: null } }),
      await ours.applySecret(FREE),
      await ours.delete(path),
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

    const answer = await ours.patch(accountPath(OURS), { imagePullSecrets: after });

    expect(answer).toMatchObject({ status: 200 });
  });

  it('add its reference to 100,000 others, and remove it', async () => {
    const many = Array.from({ length: 100_000 }, () => ({}));
    await rig.admin.mergePatch(accountPath(OURS), { imagePullSecrets: many });

    const answers = [
      await ours.patch(accountPath(OURS), {
        imagePullSecrets: [...many, ...entries(SECRET_NAME)],
      }),
      await ours.patch(accountPath(OURS), { imagePullSecrets: many }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('change a list of more than 2,000 only at its end', async () => {
    const many = entries(...Array.from({ length: 2_001 }, (_, index) => `entry-${index}`));
    const own = entries(SECRET_NAME);
    await rig.admin.mergePatch(accountPath(OURS), { imagePullSecrets: many });

    await ours.isRefused('only at the end', accountPath(OURS), async () => [
      await ours.patch(accountPath(OURS), { imagePullSecrets: [...own, ...many] }),
      await ours.patch(accountPath(OURS), { imagePullSecrets: many.slice(1) }),
      await ours.patch(accountPath(OURS), { imagePullSecrets: [...many.slice(1), ...own] }),
      await ours.patch(accountPath(OURS), { imagePullSecrets: [...many, ...own, ...own] }),
    ]);
  });
});

async function make(namespace: string, content: object, labels = {}): Promise<void> {
  const body = aSecret(content, { labels });
  await rig.admin.create(`/api/v1/namespaces/${namespace}/secrets`, body);
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
