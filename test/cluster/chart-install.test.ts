/** The chart on a real control plane: installed, upgraded, tested and uninstalled by the real helm. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { CHART, ciFiles } from '../support/chart.ts';
import type { AdminClient, KubeObject } from '../support/control-plane/admin-client.ts';
import type { ControlPlane } from '../support/control-plane/control-plane.ts';
import { startControlPlane } from '../support/control-plane/start.ts';
import { eventually } from '../support/eventually.ts';
import type { GuardedChild } from '../support/guarded-child.ts';
import { HookRunner } from '../support/hook-runner.ts';
import { kubectl, runKubectl } from '../support/kubectl.ts';
import { entriesOf, secretPath, tokensIn, untilReady } from '../support/opted-in.ts';
import { type PodSpec, startPod } from '../support/pod-program.ts';
import { ProxiedAws } from '../support/proxied-aws.ts';
import { Helm } from '../support/tools/helm.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const HOME = 'pulls';
const IN_HOME = ['--namespace', HOME];
const RELEASE = 'ecr-pull-secrets';
const REGISTRY = `config.profiles.default.registries={${HOST}}`;
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${HOME}/leases/ecr-pull-secrets`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let controlPlane: ControlPlane;
let admin: AdminClient;
let helm: Helm;
let aws: ProxiedAws;
const programs: GuardedChild[] = [];

beforeAll(async () => {
  // Of both families, for the Services of IPv6.
  const families = '--service-cluster-ip-range=10.0.0.0/24,fd00:10::/112';
  controlPlane = await startControlPlane({ apiServerArgs: [families] });
  admin = await controlPlane.admin();
  helm = await Helm.open(controlPlane.adminKubeconfig);
  aws = await ProxiedAws.start();
  for (const name of ['team-a', 'team-b', 'dry']) await makeNamespace(name);
  // Of the Pods of `helm test` in a dry run, which makes none.
  for (const name of ['dry-ecr-pull-secrets', 'ecr-pull-secrets', 'pulls']) {
    await admin.create('/api/v1/namespaces/dry/serviceaccounts', { metadata: { name } });
  }
  await makeNamespace(HOME, { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  for (const program of programs) await end(program);
  await aws.stop();
  await helm.close();
  await admin.close();
  await controlPlane.stop();
});

async function makeNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
  await admin.create('/api/v1/namespaces', { metadata: { name, labels } });
}

function set(...values: readonly string[]): readonly string[] {
  return values.flatMap((value) => ['--set', value]);
}

function node() {
  return { admin, controlPlane, environment: aws.environment };
}

/** Runs what the Deployment's Pods would. */
async function runController(namespace: string, deployment: string): Promise<GuardedChild> {
  const program = await startPod(node(), namespace, await podSpecOf(namespace, deployment));
  programs.push(program);
  return program;
}

async function podSpecOf(namespace: string, deployment: string): Promise<PodSpec> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
  const { template } = (await admin.get(path))['spec'] as { readonly template: { spec: PodSpec } };
  return template.spec;
}

async function end({ child, exited }: GuardedChild): Promise<void> {
  child.kill('SIGTERM');
  await exited;
}

describe('each file of ci/', () => {
  it.each(ciFiles())('%s renders what the API server takes, by strict validation', async (file) => {
    const rendered = await helm.succeed(
      'template',
      'dry',
      CHART,
      '--namespace',
      'dry',
      '-f',
      join(CHART, file),
    );
    // Objects of the Prometheus operator need its CRDs, which are not here.
    const objects = parseAllDocuments(rendered)
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null)
      .filter(({ apiVersion }) => apiVersion?.startsWith('monitoring.coreos.com/') !== true);
    const path = join(helm.dir, 'rendered.json');
    await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));

    const home = { kubeconfig: controlPlane.adminKubeconfig, dir: controlPlane.dir };
    const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', path];
    const { code, stdout, stderr } = await runKubectl(home, args);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
    expect(objects.length).toBeGreaterThan(7);
  });
});

describe('a release', () => {
  let controller: GuardedChild;
  let secret: KubeObject;

  it('of the version before is installed with three values and gives a namespace its Secret', async () => {
    await helm.succeed(
      'install',
      RELEASE,
      await packageOlder(),
      ...IN_HOME,
      ...set(
        'aws.region=eu-west-1',
        'image.repository=registry.example.com/ecr-pull-secrets',
        REGISTRY,
      ),
    );
    controller = await runController(HOME, RELEASE);
    await kubectl(
      controlPlane,
      'annotate',
      'namespace',
      'team-a',
      'ecr-pull-secrets.io/enabled=true',
    );

    secret = await untilReady(admin, 'team-a', 30_000);
    expect(Object.keys(tokensIn(secret))).toEqual([HOST]);
  });

  it('is upgraded to this version without losing anything', async () => {
    const before = await admin.get(LEASE);
    await helm.succeed('upgrade', RELEASE, CHART, ...IN_HOME, '--reset-then-reuse-values');

    const after = await admin.get(LEASE);
    const holderOf = (lease: KubeObject) =>
      (lease['spec'] as { holderIdentity?: string }).holderIdentity;
    expect(holderOf(before)).not.toBe('');
    expect(holderOf(after)).toBe(holderOf(before));
    expect(after.metadata.labels?.['helm.sh/chart']).toMatch(/^ecr-pull-secrets-0\.1/);
    expect((await admin.get(secretPath('team-a'))).metadata).toMatchObject({
      uid: secret.metadata.uid,
      resourceVersion: secret.metadata.resourceVersion,
    });
    const spec = await podSpecOf(HOME, RELEASE);
    expect(JSON.stringify(spec)).toContain('registry.example.com/ecr-pull-secrets:');
  });

  it('has Pods that Pod Security lets into a restricted namespace', async () => {
    const spec = await podSpecOf(HOME, RELEASE);
    const path = `/api/v1/namespaces/${HOME}/pods?dryRun=All`;
    const pod = (change: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'as-deployed' },
      spec: { ...spec, ...change },
    });

    expect((await admin.raw('POST', path, pod({}))).status).toBe(201);
    // Which it judges here at all.
    expect((await admin.raw('POST', path, pod({ securityContext: {} }))).status).toBe(403);
  });

  it('of the same instance is refused in another namespace', async () => {
    const { code, output } = await helm.run(
      'install',
      'again',
      CHART,
      '--namespace',
      'team-b',
      ...set('aws.region=eu-west-1'),
    );

    expect([code, output]).toEqual([
      1,
      expect.stringContaining(
        `instance "default" is installed in this cluster already, by release "${RELEASE}" in namespace "${HOME}": give this one another name with \`--set instance=…\``,
      ),
    ]);
    expect(await admin.list('/apis/apps/v1/namespaces/team-b/deployments')).toEqual([]);
  });

  it('of another instance works beside it, and neither touches the other', async () => {
    const sets = set('instance=blue', 'config.secretName=blue-secret', REGISTRY);
    await helm.succeed('install', 'blue', CHART, '--namespace', 'team-b', ...sets);
    await runController('team-b', 'blue-ecr-pull-secrets');

    const blue = await eventually({ what: "blue's Secret", limitMs: 30_000 }, async () =>
      admin.find('/api/v1/namespaces/team-a/secrets/blue-secret'),
    );
    expect(blue.metadata.labels?.['app.kubernetes.io/instance']).toBe('blue');
    expect([...(await entriesOf(admin, 'team-a'))].sort()).toEqual([
      'blue-secret',
      'ecr-pull-secret',
    ]);
    expect((await admin.get(secretPath('team-a'))).metadata.resourceVersion).toBe(
      secret.metadata.resourceVersion,
    );
  });

  it('passes helm test: the doctor finds nothing wrong', async () => {
    const hooks = new HookRunner(node(), HOME);
    const { code, output } = await helm.run(
      'test',
      RELEASE,
      '--namespace',
      HOME,
      '--timeout',
      '60s',
    );
    await hooks.stop();

    expect(hooks.runs.map(({ kind, code: exit }) => [kind, exit])).toEqual([['Pod', 0]]);
    expect(hooks.runs[0]?.output).toContain('token default (eu-west-1)');
    expect(output).toContain('Phase:          Succeeded');
    expect(code).toBe(0);
    expect(await admin.list(`/api/v1/namespaces/${HOME}/pods`)).toEqual([]);
  });

  it('leaves nothing when it is uninstalled with clean-up, and the other one as it was', async () => {
    const blue = await admin.get('/api/v1/namespaces/team-a/secrets/blue-secret');
    await helm.succeed(
      'upgrade',
      RELEASE,
      CHART,
      ...IN_HOME,
      '--reset-then-reuse-values',
      ...set('cleanup.onUninstall=true'),
    );
    const hooks = new HookRunner(node(), HOME);
    await helm.succeed('uninstall', RELEASE, ...IN_HOME, '--timeout', '90s');
    await hooks.stop();
    await end(controller);

    expect(hooks.runs.map(({ kind, code }) => [kind, code])).toEqual([['Job', 0]]);
    expect(await oursIn(HOME)).toEqual([]);
    expect(await admin.find(secretPath('team-a'))).toBeUndefined();
    expect(await entriesOf(admin, 'team-a')).toEqual(['blue-secret']);
    const untouched = await admin.get('/api/v1/namespaces/team-a/secrets/blue-secret');
    expect(untouched.metadata.resourceVersion).toBe(blue.metadata.resourceVersion);
  });
});

describe('a wrong value', () => {
  it.each([
    ['replicas=two', "- at '/replicas': got string, want integer"],
    ['replica=2', "- at '': additional properties 'replica' not allowed"],
    [
      `config.profiles.default.registries={https://${HOST}}`,
      `- at '/config/profiles/default/registries/0': 'https://${HOST}' does not match pattern`,
    ],
    [
      `config.profiles.team-a.registries={${HOST}}`,
      "- at '/config/profiles/team-a': missing property 'allowedNamespaces'",
    ],
  ])('%s fails at helm install, with its path', async (value, message) => {
    const run = await helm.run('install', 'wrong', CHART, '--namespace', 'dry', ...set(value));

    expect([run.code, run.output]).toEqual([1, expect.stringContaining(message)]);
    expect(await helm.succeed('list', '--namespace', 'dry', '--all', '--short')).toBe('');
  });
});

/** This chart as if it had been the version before: fewer objects, other defaults. */
async function packageOlder(): Promise<string> {
  const dir = join(helm.dir, 'older');
  await cp(CHART, dir, { recursive: true });
  const change = async (file: string, from: string, to: string) => {
    const text = await readFile(join(dir, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(dir, file), text.replace(from, to));
  };
  await change('Chart.yaml', '\nversion: 0.1.0', '\nversion: 0.0.9');
  await change('Chart.yaml', 'appVersion: 0.1.0', 'appVersion: 0.0.9');
  await change('values.yaml', '\nreplicas: 2', '\nreplicas: 1');
  await change(
    'values.yaml',
    'in ServiceAccounts. Cluster-scoped: whoever installs must be allowed to make it.\n    enabled: true',
    'x\n    enabled: false',
  );
  const said = await helm.succeed('package', dir, '--destination', helm.dir);
  return said.trim().replace(/^.*saved it to: /, '');
}

/** Whatever still bears the name of the release or the instance, in its namespace and cluster-wide. */
async function oursIn(namespace: string): Promise<readonly string[]> {
  const inNamespace = [
    ...['pods', 'configmaps', 'serviceaccounts', 'services', 'secrets'].map(
      (plural) => `/api/v1/namespaces/${namespace}/${plural}`,
    ),
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    `/apis/batch/v1/namespaces/${namespace}/jobs`,
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
    `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
    ...['roles', 'rolebindings'].map((plural) => `${RBAC}/namespaces/${namespace}/${plural}`),
  ];
  const clusterWide = [
    ...['clusterroles', 'clusterrolebindings'].map((plural) => `${RBAC}/${plural}`),
    ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map(
      (plural) => `/apis/admissionregistration.k8s.io/v1/${plural}`,
    ),
  ];
  const found: string[] = [];
  for (const path of [...inNamespace, ...clusterWide]) {
    for (const { metadata } of await admin.list(path)) {
      const isBlue = metadata.name.startsWith('ecr-pull-secrets-blue');
      const isOurs = /ecr-pull-secret/.test(metadata.name) && !isBlue;
      if (isOurs) found.push(`${path}/${metadata.name}`);
    }
  }
  return found;
}
