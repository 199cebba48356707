/** Follows docs/changing-the-secret-name.md: a second release serves the same namespaces, then the first is uninstalled. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { blocksIn, DocumentPage } from '../../support/pages/document-page.ts';
import { eventually } from '../../support/suite/eventually.ts';
import type { HookRun } from '../../support/chart/hook-runner.ts';
import { createPod, referencesIn } from '../../support/injector/pods.ts';
import {
  annotationKey,
  ourAnnotations,
  SECRET_NAME as OLD,
} from '../../support/cluster/opted-in.ts';
import { userOf } from '../../support/cluster/install.ts';
import { ourRequests } from '../../support/cluster/our-requests.ts';
import { pullGaps } from '../../support/cluster/pull-gaps.ts';
import { ReleaseRig } from '../../support/chart/release-rig.ts';
import { ObservedChanges } from '../../support/cluster/observed-changes.ts';

const NEW = 'registry-access';
const HOME = 'ecr-pull-secrets';
const [FIRST, SECOND] = ['ecr-pull-secrets', 'second-ecr-pull-secrets'];
const NAMES = Array.from({ length: 10 }, (_, n) => `moving-${n}`);
/** Opts in while both run. */
const NEWCOMER = 'newcomer';
const ALL = [...NAMES, NEWCOMER];
const ACCOUNTS = ['default', 'builder'];
const [OWN, PARTNER] = ['123456789012', '210987654321'];
const PROFILES = JSON.stringify({
  default: { registries: [hostOf(OWN)] },
  partner: {
    registries: [hostOf(PARTNER)],
    assumeRole: { roleArn: `arn:aws:iam::${PARTNER}:role/pull` },
    allowedNamespaces: { names: ['*'] },
  },
});

const page = new DocumentPage('changing-the-secret-name.md').text;
/** The command blocks of each section; those before the first section set the names. */
const [
  [setNames = ''] = [],
  [install = ''] = [],
  waits = [],
  [findPods = ''] = [],
  [remove = ''] = [],
] = page.split(/^## /m).map((section) => blocksIn(section, 'sh'));

let rig: ReleaseRig;
let observed: ObservedChanges;
let startedAt: Date;
/** The output of the commands of step 2 before the second controller runs. */
let lackingAtFirst: readonly string[];
let podsFound: readonly string[];
let hooks: readonly HookRun[];

beforeAll(async () => {
  rig = await ReleaseRig.open();
  startedAt = new Date();
  await rig.namespaces(HOME);
  for (const name of NAMES) await optIn(name);
  await type(
    `helm install ${FIRST} charts/ecr-pull-secrets -n ${HOME} --set-json 'config.profiles=${PROFILES}'`,
  );
  const first = [await rig.runPod(HOME, FIRST), await rig.runPod(HOME, FIRST)];
  await untilEach(NAMES, [OLD]);
  for (const name of NAMES) expect(await newPod(name)).toEqual([OLD]);
  observed = await ObservedChanges.start(rig.admin);

  await type(install);
  lackingAtFirst = await lacking();
  await rig.runPod(HOME, SECOND);
  await rig.runPod(HOME, SECOND);
  await optIn(NEWCOMER);
  await eventually({ what: 'step 2 to print nothing', limitMs: 60_000 }, async () => {
    return (await lacking()).length === 0;
  });
  await untilEach(ALL, [OLD, NEW]);

  for (const name of ALL) expect(await newPod(name)).toEqual([OLD, NEW]);
  podsFound = await type(findPods);
  for (const [path = ''] of podsFound.map((line) => line.split(' '))) {
    await rig.admin.delete(`/api/v1/namespaces/${path.replace('/', '/pods/')}`);
  }
  expect(await type(findPods)).toEqual([]);

  ({ hooks } = await rig.withHooks(HOME, async () => type(remove)));
  for (const pod of first) await rig.stop(pod);
});
closeAfterAll(() => [observed, rig]);

describe('a second instance with another name', () => {
  it('leaves no ServiceAccount without a live Secret that it references, at any version of the cluster', () => {
    expect(pullGaps(observed, ALL)).toEqual([]);
    // So that no existing Secret has expired.
    const written = observed.inOrder.filter(({ kind, isGone }) => kind === 'Secret' && !isGone);
    const lives = written.flatMap(({ object: { metadata } }) =>
      ALL.includes(metadata.namespace ?? '') ? [metadata.annotations?.[EXPIRES_AT] ?? ''] : [],
    );
    expect(lives.filter((expiresAt) => !(Date.parse(expiresAt) > Date.now()))).toEqual([]);
    expect(lives.length).toBeGreaterThanOrEqual(2 * ALL.length);
  });

  it('is checked by the commands of step 2, in every namespace and ServiceAccount', () => {
    const accounts = NAMES.flatMap((name) =>
      ACCOUNTS.map((account) => `${name}/${account} ${OLD}`),
    );
    expect([...lackingAtFirst].sort()).toEqual([...NAMES, ...accounts].sort());
  });

  it('is not referenced by older Pods, and the command of step 3 finds exactly those', () => {
    const found = podsFound.map((line) => line.replace(/\/pod-\S+/, ''));
    expect(found.sort()).toEqual(NAMES.map((name) => `${name} ${OLD}`).sort());
  });

  it('remains alone after the first one is uninstalled with its cleanup', async () => {
    expect(hooks).toMatchObject([{ kind: 'Job', code: 0 }]);
    await untilEach(ALL, [NEW]);
    const ours = '?labelSelector=app.kubernetes.io/managed-by=ecr-pull-secrets';
    const secrets = await rig.admin.list(`/api/v1/secrets${ours}`);
    expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()).toEqual(
      ALL.map((name) => `${name}/${NEW}`).sort(),
    );
    expect(await rig.madeBy(FIRST, HOME)).toEqual([]);
    expect((await rig.madeBy('second', HOME)).map(({ metadata }) => metadata.name)).toContain(
      SECOND,
    );
    const lists = await Promise.all(CLUSTER_WIDE.map(async (path) => rig.admin.list(path)));
    const names = lists.flat().map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.startsWith('ecr-pull-secrets')).sort()).toEqual(
      LEFT_CLUSTER_WIDE,
    );
  });

  it('mints for itself: once for each instance and identity', () => {
    const minted = rig.aws.tokens.map(({ account }) => account);
    expect(minted.sort()).toEqual([OWN, OWN, PARTNER, PARTNER]);
  });

  it.each([FIRST, SECOND])('is refused nothing by RBAC and guards: %s', async (account) => {
    const user = userOf({ namespace: HOME, serviceAccount: account });
    const requests = await ourRequests(rig, startedAt, user);
    expect(requests.length).toBeGreaterThan(4 * ALL.length);
    const refused = requests.filter(({ code }) => code === 403);
    expect(refused.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
  });
});

const EXPIRES_AT = annotationKey('expires-at');
const CLUSTER_WIDE = [
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
];
const POLICIES = [
  'ecr-pull-secrets-second-guard-events',
  'ecr-pull-secrets-second-guard-secrets',
  'ecr-pull-secrets-second-guard-serviceaccounts',
];
const LEFT_CLUSTER_WIDE = ['ecr-pull-secrets-second', ...POLICIES].flatMap((name) => [name, name]);

function hostOf(account: string): string {
  return `${account}.dkr.ecr.eu-west-1.amazonaws.com`;
}

/** The output of the page's commands. */
async function type(commands: string): Promise<readonly string[]> {
  const { stdout, output } = await rig.helm.shell(`${setNames}\n${commands}`);
  if (/^Error/m.test(output)) throw new Error(`${commands}: ${output}`);
  return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

async function lacking(): Promise<readonly string[]> {
  return (await Promise.all(waits.map(type))).flat();
}

async function optIn(name: string): Promise<void> {
  const annotations = ourAnnotations({ enabled: 'true', profiles: 'default,partner' });
  await rig.admin.create('/api/v1/namespaces', { metadata: { name, annotations } });
  await rig.makeAccount(name, 'builder');
}

/** Each ServiceAccount references these Secrets, which exist. */
async function untilEach(namespaces: readonly string[], names: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    await eventually({ what: `${names.join()} in ${namespace}`, limitMs: 60_000 }, async () => {
      const lists = ACCOUNTS.map(async (account) => rig.references(namespace, account));
      const secrets = names.map(async (name) =>
        rig.admin.find(`/api/v1/namespaces/${namespace}/secrets/${name}`),
      );
      const isNamed = (await Promise.all(lists)).every(
        (entries) => [...entries].sort().join() === [...names].sort().join(),
      );
      return isNamed && !(await Promise.all(secrets)).includes(undefined);
    });
  }
}

/** Its references, as the API server copies them from the ServiceAccount, which it knows from a watch. */
async function newPod(namespace: string): Promise<readonly string[]> {
  return [...referencesIn(await createPod(rig.admin, namespace))].sort();
}
