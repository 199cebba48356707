/**
 * What the guard keeps an attacker with our stolen identity from, beyond Secrets of others: to plant something that other
 * programs take for theirs, to reach excluded namespaces, and to speak in the name of others.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/base/system-clock.ts';
import { DEFAULT_SECRET_NAME, instanceOf } from '../../src/domain/contract.ts';
import { newServerProbe } from '../../src/kubernetes/server-probe.ts';
import { openApiServer, thisMachine } from '../../src/platform/platform.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { accountPath, SECRET_NAME, secretPath } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';
import {
  aSecret,
  entries,
  expectRefusal,
  LABELS,
  PULL_SECRET,
  StolenIdentity,
} from '../support/cluster/stolen-identity.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { eventually } from '../support/suite/eventually.ts';

const FREE = 'guard-free';
const OURS = 'guard-ours';
const ACCOUNTS = 'guard-accounts';
const EVENTS = 'guard-events';
/** Excluded by default. */
const EXCLUDED = 'kube-node-lease';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

let rig: Rig;
let ours: StolenIdentity;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
  ours = await StolenIdentity.of(rig);
  for (const name of [FREE, OURS, ACCOUNTS, EVENTS]) await rig.namespace(name);
  expect(await ours.applySecret(OURS)).toMatchObject({ status: 201 });
  await rig.patchSecret(OURS, {
    metadata: { labels: { team: 'a' }, annotations: { note: 'a' } },
    data: { more: base64('a') },
  });
});
closeAfterAll(() => [ours, rig]);

it('has no expression that the API server warns about', async () => {
  for (const resource of ['secrets', 'serviceaccounts', 'events']) {
    const path = `${POLICIES}/ecr-pull-secrets-guard-${resource}`;
    const checked = await eventually({ what: 'the check of types', limitMs: 30_000 }, async () => {
      const { status } = (await rig.admin.get(path)) as { readonly status?: TypeChecked };
      return status?.observedGeneration === undefined ? undefined : status;
    });
    expect(checked.typeChecking?.expressionWarnings ?? []).toEqual([]);
  }
});

interface TypeChecked {
  readonly observedGeneration?: number;
  readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] };
}

describe('our identity is refused', () => {
  const ARGO = { 'argocd.argoproj.io/secret-type': 'repository' };
  it.each([
    [
      'a label by which Argo CD chooses repositories',
      'any label',
      {},
      { labels: { ...LABELS, ...ARGO } },
    ],
    [
      'an annotation by which a replicator copies it',
      'any annotation',
      {},
      { annotations: { 'reflector.v1.k8s.emberstack.com/reflection-auto-enabled': 'true' } },
    ],
    [
      'data of another kind',
      'any data',
      { data: { ...PULL_SECRET.data, url: base64('https://x'), proxy: base64('http://x') } },
      {},
    ],
    ['immutable', 'immutable', { immutable: true }, {}],
  ])('a new Secret with %s', async (_, words, content, metadata) => {
    await ours.isRefused(words, secretPath(FREE), async () => [
      await ours.applySecret(FREE, { ...PULL_SECRET, ...content }, metadata),
    ]);
  });

  it.each([
    ['a label', 'any label', { metadata: { labels: ARGO } }],
    ['the value of a label', 'any label', { metadata: { labels: { team: 'b' } } }],
    ['an annotation', 'any annotation', { metadata: { annotations: { more: 'b' } } }],
    ['the value of an annotation', 'any annotation', { metadata: { annotations: { note: 'b' } } }],
    ['a key', 'any data', { data: { url: base64('https://x') } }],
    ['the value of a key', 'any data', { data: { more: base64('b') } }],
    ['a key as text', 'any data', { stringData: { url: 'https://x' } }],
    ['immutable', 'immutable', { immutable: true }],
  ])('to change this in our own Secret: %s', async (_, words, change) => {
    await ours.isRefused(words, secretPath(OURS), async () => [
      await ours.patch(secretPath(OURS), change),
    ]);
  });

  it('a Secret and a reference in an excluded namespace', async () => {
    const reference = { imagePullSecrets: entries(SECRET_NAME) };

    await ours.isRefused('excludes this namespace', secretPath(EXCLUDED), async () => [
      await ours.applySecret(EXCLUDED),
    ]);
    await ours.isRefused('excludes this namespace', accountPath(EXCLUDED), async () => [
      await ours.patch(accountPath(EXCLUDED), reference),
    ]);
  });

  it.each([
    ['the kubelet', { reportingComponent: 'kubelet', source: { component: 'kubelet' } }],
    ['nobody', { reportingComponent: '', source: {} }],
    ['the kubelet, as kubectl shows it', { source: { component: 'kubelet' } }],
  ])('an Event in the name of %s', async (_, change) => {
    const answer = await ours.create(eventsPath(), { ...anEvent('forged'), ...change });

    expectRefusal(answer, 'only write Events in its own name');
  });

  it('to change an Event of somebody else, also if it takes it over', async () => {
    const other = { reportingComponent: 'kubelet', source: { component: 'kubelet' } };
    await rig.admin.create(eventsPath(), { ...anEvent('of-others'), ...other });
    const path = eventsPath('of-others');

    await ours.isRefused(`'ecr-pull-secrets-guard-events'`, path, async () => [
      await ours.patch(path, { message: 'all is well' }),
      await ours.patch(path, { ...anEvent('of-others'), message: 'all is well' }),
    ]);
  });

  it('an Event that could keep its namespace from being deleted', async () => {
    const metadata = { ...anEvent('held').metadata, finalizers: ['example.com/hold'] };

    const answer = await ours.create(eventsPath(), { ...anEvent('held'), metadata });

    expectRefusal(answer, 'may not add finalizers');
  });
});

describe('our identity may', () => {
  it('refresh over what others have added to our Secret, and remove it', async () => {
    const answers = [
      await ours.applySecret(OURS),
      await ours.patch(secretPath(OURS), {
        data: { more: null },
        metadata: { labels: { team: null }, annotations: { note: null } },
      }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('write its annotations, and clear the one of a removal', async () => {
    const key = 'ecr-pull-secrets.io/removal-due-at';
    const annotations = { 'ecr-pull-secrets.io/tokens': '[]' };

    const answers = [
      await ours.applySecret(OURS, PULL_SECRET, { annotations }),
      await ours.patch(secretPath(OURS), { metadata: { annotations: { [key]: 'soon' } } }),
      await ours.patch(secretPath(OURS), { metadata: { annotations: { [key]: null } } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('stamp, delete and re-create its own Secret if somebody has made it immutable', async () => {
    await rig.patchSecret(OURS, { immutable: true });

    const stamp = { annotations: { 'ecr-pull-secrets.io/removal-due-at': 'soon' } };
    expect(await ours.patch(secretPath(OURS), { metadata: stamp })).toMatchObject({ status: 200 });
    expect(await ours.delete(secretPath(OURS))).toMatchObject({ status: 200 });
    expect(await ours.applySecret(OURS)).toMatchObject({ status: 201 });
  });

  it('refresh a Secret with thousands of labels, but not one with thousands of annotations', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`a${index}`, '']));
    const refreshed = async (tokens: string) =>
      ours.applySecret(OURS, PULL_SECRET, {
        annotations: { 'ecr-pull-secrets.io/tokens': tokens },
      });
    await rig.patchSecret(OURS, { metadata: { labels: many } });
    expect(await refreshed('[1]')).toMatchObject({ status: 200 });

    await rig.patchSecret(OURS, { metadata: { annotations: many } });
    await ours.isRefused('more than 1,000', secretPath(OURS), async () => [await refreshed('[2]')]);

    expect(await ours.delete(secretPath(OURS))).toMatchObject({ status: 200 });
  });

  it('only remove in an excluded namespace', async () => {
    const secret = secretPath(EXCLUDED);
    // As the controller left it when the namespace was not excluded yet.
    const left = aSecret(PULL_SECRET, { labels: LABELS });
    await rig.admin.apply(secret, left, 'ecr-pull-secrets');
    await rig.admin.mergePatch(secret, { data: { more: base64('a') } });
    await rig.admin.mergePatch(accountPath(EXCLUDED), {
      imagePullSecrets: entries('a', SECRET_NAME),
    });
    const fresher = { ...PULL_SECRET, data: { '.dockerconfigjson': base64('{"auths":{"a":{}}}') } };
    await ours.isRefused('excludes this namespace', secret, async () => [
      await ours.applySecret(EXCLUDED, fresher),
    ]);

    const stamp = { annotations: { 'ecr-pull-secrets.io/removal-due-at': 'soon' } };
    const answers = [
      await ours.patch(secret, { metadata: stamp, data: { more: null } }),
      await ours.patch(accountPath(EXCLUDED), { imagePullSecrets: entries('a') }),
      await ours.delete(secret),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await rig.admin.mergePatch(accountPath(EXCLUDED), { imagePullSecrets: null });
  });

  it('write an Event in its own name, and count it up', async () => {
    const answers = [
      await ours.create(eventsPath(), anEvent('own')),
      await ours.patch(eventsPath('own'), { count: 2 }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
  });
});

describe('who owns the fields of a ServiceAccount', () => {
  const PATH = accountPath(ACCOUNTS, 'of-helm');
  const BODY = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'of-helm', labels: { team: 'a' } },
    automountServiceAccountToken: false,
    imagePullSecrets: entries('regcred'),
  };
  type Owner = Readonly<Record<string, unknown>>;
  const owners = async (): Promise<readonly Owner[]> =>
    (await rig.admin.get(PATH)).metadata.managedFields ?? [];
  const attach = async () =>
    ours.patch(PATH, { imagePullSecrets: entries('regcred', SECRET_NAME) });

  beforeAll(async () => {
    await rig.admin.apply(PATH, BODY, 'helm');
  });

  it('changes with our reference, and may be handed back to who applied the list', async () => {
    const before = await owners();
    expect(await attach()).toMatchObject({ status: 200 });

    const answer = await ours.patch(PATH, { metadata: { managedFields: before } });

    expect(answer).toMatchObject({ status: 200 });
    await expect(rig.admin.apply(PATH, BODY, 'helm', false)).resolves.toBeDefined();
  });

  it('may be handed back by giving up our entry', async () => {
    expect(await attach()).toMatchObject({ status: 200 });
    const others = (await owners()).filter(({ manager }) => manager === 'helm');
    expect(others).toHaveLength(1);

    const answer = await ours.patch(PATH, { metadata: { managedFields: others } });

    expect(answer).toMatchObject({ status: 200 });
    await expect(rig.admin.apply(PATH, BODY, 'helm', false)).resolves.toBeDefined();
  });

  it.each([
    ['forgotten', (all: readonly Owner[]) => all.slice(1)],
    ['emptied', () => [{}]],
    [
      'given to another',
      (all: readonly Owner[]) => all.map((one) => ({ ...one, manager: 'attacker' })),
    ],
    [
      'turned into an update',
      (all: readonly Owner[]) => all.map((one) => ({ ...one, operation: 'Update' })),
    ],
    [
      'claimed by us',
      (all: readonly Owner[]) => [
        ...all,
        {
          ...all[0],
          manager: 'ecr-pull-secrets',
          fieldsV1: { 'f:automountServiceAccountToken': {} },
        },
      ],
    ],
    [
      'made smaller',
      (all: readonly Owner[]) =>
        all.map((one) => ({ ...one, fieldsV1: { 'f:imagePullSecrets': {} } })),
    ],
  ])('may not be %s otherwise', async (_, change) => {
    const managedFields = change(await owners());

    await ours.isRefused('who owns any field', PATH, async () => [
      await ours.patch(PATH, { metadata: { managedFields } }),
    ]);
  });

  it('is not compared where the API server merges the entries of many managers', async () => {
    for (let index = 0; index < 11; index += 1) {
      const path = `${PATH}?fieldManager=manager-${index}`;
      const annotations = { [`of-${index}`]: 'a' };
      await rig.admin.mergePatch(path, { metadata: { annotations } });
    }

    expect(await ours.patch(PATH, { imagePullSecrets: entries('regcred') })).toMatchObject({
      status: 200,
    });
    expect(await attach()).toMatchObject({ status: 200 });
  });
});

describe('a probe', () => {
  it('notices within seconds that a binding is gone, changes nothing, and sees it return', async () => {
    const path = `${POLICIES.replace('policies', 'policybindings')}/ecr-pull-secrets-guard-events`;
    const { apiVersion, kind, metadata, spec } = await rig.admin.get(path);
    const { labels = {}, name } = metadata;
    const kubeconfig = await rig.controlPlane.kubeconfigFor(INSTALLED_AS);
    const probe = newServerProbe(
      openApiServer({ version: 'test', kubeconfig }, thisMachine({})),
      systemClock,
    );
    const instance = instanceOf('default', DEFAULT_SECRET_NAME);
    const { signal } = new AbortController();
    const until = async (state: object) =>
      eventually({ what: JSON.stringify(state), limitMs: 30_000 }, async () => {
        const seen = await probe.probeGuard(instance, FREE, signal);
        return JSON.stringify(seen) === JSON.stringify(state) ? true : undefined;
      });

    await until({ kind: 'inEffect' });
    await rig.admin.delete(path);
    await until({ kind: 'notInEffect', unguarded: ['events'] });
    expect(await rig.admin.list(`/api/v1/namespaces/${FREE}/events`)).toEqual([]);
    await rig.admin.apply(path, { apiVersion, kind, metadata: { name, labels }, spec }, 'helm');
    await until({ kind: 'inEffect' });
    await probe.close();
  });
});

function eventsPath(name?: string): string {
  const collection = `/api/v1/namespaces/${EVENTS}/events`;
  return name === undefined ? collection : `${collection}/${name}`;
}

function anEvent(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: EVENTS },
    involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: EVENTS, namespace: EVENTS },
    type: 'Warning',
    reason: 'InvalidAnnotation',
    message: 'from a test',
    count: 1,
    source: { component: 'ecr-pull-secrets' },
    reportingComponent: 'ecr-pull-secrets',
  };
}
