/** The chart on a real control plane: installed, upgraded, tested and uninstalled by the real helm. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { CHART, ciFiles } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import type { KubeObject } from '../../support/control-plane/admin-client.ts';
import { eventually } from '../../support/suite/eventually.ts';
import type { GuardedChild } from '../../support/process/guarded-child.ts';
import { kubectl, runKubectl } from '../../support/cluster/kubectl.ts';
import { tokensIn } from '../../support/cluster/opted-in.ts';
import { refusal, ReleaseRig } from '../../support/chart/release-rig.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const HOME = 'pulls';
const IN_HOME = ['--namespace', HOME];
const RELEASE = 'ecr-pull-secrets';
const OURS = { name: RELEASE, namespace: HOME };
const REGISTRY = `config.profiles.default.registries={${HOST}}`;
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${HOME}/leases/ecr-pull-secrets`;

let rig: ReleaseRig;

beforeAll(async () => {
  // Both IP families, for the IPv6 Services.
  const families = '--service-cluster-ip-range=10.0.0.0/24,fd00:10::/112';
  rig = await ReleaseRig.open({ apiServerArgs: [families] });
  await rig.namespaces('team-a', 'team-b', 'dry', HOME);
  // For the Pods of `helm test` in a dry run, which creates no ServiceAccount.
  for (const name of ['dry-ecr-pull-secrets', 'ecr-pull-secrets', 'pulls']) {
    await rig.admin.create('/api/v1/namespaces/dry/serviceaccounts', { metadata: { name } });
  }
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await rig.admin.mergePatch(`/api/v1/namespaces/${HOME}`, { metadata: { labels } });
});
closeAfterAll(() => [rig]);

describe('each file of ci/', () => {
  it.each(ciFiles())(
    '%s renders what the API server accepts with strict validation',
    async (file) => {
      const values = ['--namespace', 'dry', '-f', join(CHART, file)];
      const rendered = await rig.helm.succeed('template', 'dry', CHART, ...values);
      // Objects of the Prometheus operator need its CRDs, which are not installed here.
      const objects = parseAllDocuments(rendered)
        .map((document) => document.toJS() as KubeObject | null)
        .filter((object) => object !== null)
        .filter(({ apiVersion }) => apiVersion?.startsWith('monitoring.coreos.com/') !== true);
      const path = join(rig.helm.dir, 'rendered.json');
      await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));

      const home = { kubeconfig: rig.controlPlane.adminKubeconfig, dir: rig.controlPlane.dir };
      const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', path];
      const { code, stdout, stderr } = await runKubectl(home, args);
      expect([stderr, code]).toEqual(['', 0]);
      expect(stdout.trim().split('\n')).toHaveLength(objects.length);
      expect(objects.length).toBeGreaterThan(7);
    },
  );
});

describe('a release', () => {
  let controller: GuardedChild;
  let secret: KubeObject;

  it('of the previous version is installed with three values and gives a namespace its Secret', async () => {
    const image = 'image.repository=registry.example.com/ecr-pull-secrets';
    const values = ['aws.region=eu-west-1', image, REGISTRY].flatMap((value) => ['--set', value]);
    await rig.helm.succeed('install', RELEASE, await packageOlder(), ...IN_HOME, ...values);
    controller = await rig.runPod(HOME, RELEASE);
    const optIn = ['annotate', 'namespace', 'team-a', 'ecr-pull-secrets.io/enabled=true'];
    await kubectl(rig.controlPlane, ...optIn);

    secret = await rig.untilReady('team-a', 30_000);
    expect(Object.keys(tokensIn(secret))).toEqual([HOST]);
  });

  it('is upgraded to this version without losing anything', async () => {
    const before = await rig.admin.get(LEASE);
    expect((await rig.helmChart('upgrade', OURS)).code).toBe(0);

    const after = await rig.admin.get(LEASE);
    const holderOf = (lease: KubeObject) =>
      (lease['spec'] as { holderIdentity?: string }).holderIdentity;
    expect(holderOf(before)).not.toBe('');
    expect(holderOf(after)).toBe(holderOf(before));
    expect(after.metadata.labels?.['helm.sh/chart']).toMatch(/^ecr-pull-secrets-0\.1/);
    expect((await rig.secret('team-a')).metadata).toMatchObject({
      uid: secret.metadata.uid,
      resourceVersion: secret.metadata.resourceVersion,
    });
    const spec = await rig.podSpecOf(HOME, RELEASE);
    expect(JSON.stringify(spec)).toContain('registry.example.com/ecr-pull-secrets:');
  });

  it('has Pods that Pod Security admits to a restricted namespace', async () => {
    const spec = await rig.podSpecOf(HOME, RELEASE);
    const path = `/api/v1/namespaces/${HOME}/pods?dryRun=All`;
    const pod = (change: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'as-deployed' },
      spec: { ...spec, ...change },
    });

    expect((await rig.admin.raw('POST', path, pod({}))).status).toBe(201);
    // Shows that Pod Security is enforced here at all.
    expect((await rig.admin.raw('POST', path, pod({ securityContext: {} }))).status).toBe(403);
  });

  it('of the same instance is refused in another namespace', async () => {
    const again = { name: 'again', namespace: 'team-b' };
    const refused = await rig.helmChart('install', again, 'aws.region=eu-west-1');

    expect(refused).toMatchObject(
      refusal(
        `instance "default" is already installed in this cluster by release "${RELEASE}" in namespace "${HOME}": choose another instance name with \`--set instance=…\``,
      ),
    );
    expect(await rig.admin.list('/apis/apps/v1/namespaces/team-b/deployments')).toEqual([]);
  });

  it('of another instance works in the same cluster, and neither touches the other', async () => {
    const other = { name: 'blue', namespace: 'team-b' };
    const values = ['instance=blue', 'config.secretName=blue-secret', REGISTRY];
    expect((await rig.helmChart('install', other, ...values)).code).toBe(0);
    await rig.runPod('team-b', 'blue-ecr-pull-secrets');

    const blue = await eventually({ what: "blue's Secret", limitMs: 30_000 }, async () =>
      rig.admin.find('/api/v1/namespaces/team-a/secrets/blue-secret'),
    );
    expect(blue.metadata.labels?.['app.kubernetes.io/instance']).toBe('blue');
    expect([...(await rig.references('team-a'))].sort()).toEqual([
      'blue-secret',
      'ecr-pull-secret',
    ]);
    expect((await rig.secret('team-a')).metadata.resourceVersion).toBe(
      secret.metadata.resourceVersion,
    );
  });

  it('passes helm test --logs again and again: the doctor finds nothing wrong', async () => {
    for (let times = 0; times < 2; times += 1) {
      const { code, output, hooks } = await rig.helmWithHooks(HOME, 'test', RELEASE, '--logs');

      expect(hooks.map(({ kind, code: exit }) => [kind, exit])).toEqual([['Pod', 0]]);
      expect(hooks[0]?.output).toContain('token default (eu-west-1)');
      expect(output).toContain('Phase:          Succeeded');
      expect(output).toContain(`POD LOGS: ${RELEASE}-doctor`);
      expect(code).toBe(0);
    }
  });

  it('leaves only the Pod of its test when it is uninstalled with cleanup, and does not change the other one', async () => {
    const blue = await rig.admin.get('/api/v1/namespaces/team-a/secrets/blue-secret');
    expect((await rig.helmChart('upgrade', OURS, 'cleanup.onUninstall=true')).code).toBe(0);
    const { code: exit, hooks } = await rig.helmWithHooks(HOME, 'uninstall', RELEASE);
    await rig.stop(controller);

    expect(exit).toBe(0);
    expect(hooks.map(({ kind, code }) => [kind, code])).toEqual([['Job', 0]]);
    const left = await rig.madeBy(RELEASE, HOME);
    expect(left.map(({ metadata: { name } }) => name)).toEqual([`${RELEASE}-doctor`]);
    expect(await rig.findSecret('team-a')).toBeUndefined();
    expect(await rig.references('team-a')).toEqual(['blue-secret']);
    const untouched = await rig.admin.get('/api/v1/namespaces/team-a/secrets/blue-secret');
    expect(untouched.metadata.resourceVersion).toBe(blue.metadata.resourceVersion);
  });
});

/** This chart as the previous version might have been: fewer objects, other defaults. */
async function packageOlder(): Promise<string> {
  const dir = join(rig.helm.dir, 'older');
  await cp(CHART, dir, { recursive: true });
  const change = async (file: string, from: string, to: string) => {
    const text = await readFile(join(dir, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(dir, file), text.replace(from, to));
  };
  await change('Chart.yaml', '\nversion: 0.1.0', '\nversion: 0.0.9');
  await change('Chart.yaml', 'appVersion: 0.1.0', 'appVersion: 0.0.9');
  await change('values.yaml', '\nreplicaCount: 2', '\nreplicaCount: 1');
  await change(
    'values.yaml',
    'so the installing user must be allowed to create them.\n    enabled: true',
    'x\n    enabled: false',
  );
  const output = await rig.helm.succeed('package', dir, '--destination', rig.helm.dir);
  return output.trim().replace(/^.*saved it to: /, '');
}
