/** Follows the instructions of the chart's README and notes with the real helm on a real control plane. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { kubectl } from '../../support/cluster/kubectl.ts';
import { INSTALL } from '../../support/cluster/install.ts';
import { CHART } from '../../support/chart/chart.ts';
import { refusal, ReleaseRig } from '../../support/chart/release-rig.ts';

const HOME = 'ecr-pull-secrets';
const RELEASE = { name: 'ecr-pull-secrets', namespace: HOME };
const DEPLOYMENT = `/apis/apps/v1/namespaces/${HOME}/deployments/ecr-pull-secrets`;
const CONFIG = `/api/v1/namespaces/${HOME}/configmaps/ecr-pull-secrets`;
const BLUE_ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/ecr-pull-secrets-blue';
const IMAGE = 'registry.example/eps';

let rig: ReleaseRig;

beforeAll(async () => {
  rig = await ReleaseRig.open();
});
closeAfterAll(() => [rig]);

describe('an installation by manifests/install.yaml', () => {
  it('is adopted by helm only with --take-ownership; the values replace what was set by hand', async () => {
    await kubectl(rig.controlPlane, 'apply', '-f', fileURLToPath(INSTALL));
    const environment = ['set', 'env', 'deployment/ecr-pull-secrets', 'AWS_REGION=us-east-1'];
    await kubectl(rig.controlPlane, '-n', HOME, ...environment);
    await rig.admin.mergePatch(CONFIG, { data: { 'config.yaml': 'secretName: by-hand' } });
    const before = await rig.admin.get(DEPLOYMENT);

    const refused = await rig.helmChart('install', RELEASE);
    expect(refused).toMatchObject(refusal('invalid ownership metadata'));
    const sets = ['--set', `image.repository=${IMAGE}`, '--set', 'aws.region=eu-west-1'];
    await rig.helm.succeed(
      'install',
      RELEASE.name,
      CHART,
      '--namespace',
      HOME,
      '--take-ownership',
      ...sets,
    );

    const after = await rig.admin.get(DEPLOYMENT);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    const spec = JSON.stringify(after['spec']);
    expect(spec).toContain(`"${IMAGE}:`);
    expect(spec.match(/"AWS_REGION","value":"[^"]*"/g)).toEqual([
      '"AWS_REGION","value":"eu-west-1"',
    ]);
    expect(JSON.stringify(await rig.admin.get(CONFIG))).not.toContain('secretName: by-hand"');
    expect((await rig.helmChart('upgrade', RELEASE, 'replicaCount=1')).code).toBe(0);
    await rig.helm.succeed('uninstall', RELEASE.name, '--namespace', HOME);
    expect(await rig.madeBy(RELEASE.name, HOME)).toEqual([]);
  });
});

describe('another instance whose Secret has the default name', () => {
  const blue = { name: 'blue', namespace: 'blue' };

  it('gets its own name by following the notes', async () => {
    await rig.namespaces('blue');
    const { output } = await rig.helmChart('install', blue, 'instance=blue');
    const [, cleanUp = '', value = ''] =
      /upgrade this release with --set (\S+) .* uninstall it, .* with --set (\S+)/.exec(output) ??
      [];

    expect((await rig.helmChart('upgrade', blue, cleanUp)).code).toBe(0);
    const uninstall = await rig.helmWithHooks(blue.namespace, 'uninstall', blue.name);
    expect(uninstall).toMatchObject({ code: 0, hooks: [{ kind: 'Job', code: 0 }] });
    const again = await rig.helmChart('install', blue, 'instance=blue', value);

    expect([again.code, again.output]).toEqual([0, expect.not.stringContaining('SecretNotOwned')]);
    const role = await rig.admin.get(BLUE_ROLE);
    expect(JSON.stringify(role['rules'])).toContain('"resourceNames":["blue-pull-secret"]');
  });
});
