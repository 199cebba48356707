/** What can go wrong in the life of a release, and how to recover, with the real helm on a real control plane. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { CHART } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { kubectl } from '../../support/cluster/kubectl.ts';
import { SECRET_NAME } from '../../support/cluster/opted-in.ts';
import { BUILT, type ProgramRun, runProgram } from '../../support/process/program-process.ts';
import { refusal, ReleaseRig } from '../../support/chart/release-rig.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const REGISTRY = `config.profiles.default.registries={${HOST}}`;
const CLEANUP = 'cleanup.onUninstall=true';
const HELD = { metadata: { finalizers: ['example.io/hold'] } };
const FREE = { metadata: { finalizers: [] } };

let rig: ReleaseRig;

beforeAll(async () => {
  rig = await ReleaseRig.open();
});
closeAfterAll(() => [rig]);

/** A release named after the chart, in a namespace of its own. */
async function home(namespace: string) {
  await rig.namespaces(namespace);
  const release = { name: 'ecr-pull-secrets', namespace };
  const within = ['--namespace', namespace];
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/ecr-pull-secrets`;
  const statusOf = async (): Promise<string> => {
    const listed = await rig.helm.succeed('list', '--all', ...within, '-o', 'json');
    const [first] = JSON.parse(listed) as readonly { readonly status: string }[];
    return first?.status ?? 'none';
  };
  return { release, within, lease, statusOf };
}

describe('an uninstall whose cleanup fails', () => {
  const isUninstalled = { code: 0, hooks: [{ kind: 'Job', code: 0 }] };

  it('is undone by a rollback and the printed command, or completed by a second uninstall', async () => {
    const { release, within, lease, statusOf } = await home('failing');
    await rig.optIn('failing-team');
    expect((await rig.helmChart('install', release, REGISTRY, CLEANUP)).output).not.toMatch(
      /^Error/m,
    );
    const pod = await rig.runPod('failing', release.name);
    await rig.untilReady('failing-team', 30_000);
    await rig.patchSecret('failing-team', HELD);

    const failed = await rig.helmWithHooks('failing', 'uninstall', release.name);

    expect(failed.code).toBe(1);
    expect(failed.hooks).toMatchObject([{ kind: 'Job', code: 1 }]);
    const report = failed.hooks[0]?.output ?? '';
    expect(report).toContain(`failing-team/${SECRET_NAME}: deleted, but somebody else's finalizer`);
    expect(report).toContain('helm rollback');
    expect(await statusOf()).toBe('uninstalling');
    // Helm refuses what people try first.
    const upgrade = await rig.helmChart('upgrade', release);
    expect(upgrade).toMatchObject(refusal('has no deployed releases'));

    await rig.helm.succeed('rollback', release.name, '1', ...within);
    expect(await statusOf()).toBe('deployed');
    const [, resume = ''] = /To resume the controller: kubectl (.*)$/m.exec(report) ?? [];
    await kubectl(rig.controlPlane, ...resume.split(' '));
    await rig.patchSecret('failing-team', FREE);
    await rig.untilReady('failing-team', 30_000);
    expect((await rig.helmChart('upgrade', release, 'replicaCount=1')).code).toBe(0);

    await rig.patchSecret('failing-team', HELD);
    expect((await rig.helmWithHooks('failing', 'uninstall', release.name)).code).toBe(1);
    await rig.patchSecret('failing-team', FREE);
    const again = await rig.helmWithHooks('failing', 'uninstall', release.name);
    await rig.stop(pod);

    expect(again).toMatchObject(isUninstalled);
    expect(await statusOf()).toBe('none');
    expect(await rig.madeBy(release.name, 'failing')).toEqual([]);
    expect(await rig.admin.find(lease)).toBeUndefined();
    expect(await rig.references('failing-team')).toEqual([]);
  });
});

describe('a cleanup from a laptop after the uninstall', () => {
  it('leaves no Lease that blocks the next install', async () => {
    const { release, within, lease } = await home('laptop');
    await rig.optIn('laptop-team');
    expect((await rig.helmChart('install', release, REGISTRY)).code).toBe(0);
    const pod = await rig.runPod('laptop', release.name);
    await rig.untilReady('laptop-team', 30_000);
    await rig.helm.succeed('uninstall', release.name, ...within);
    await rig.stop(pod);
    expect(await rig.admin.find(lease)).toBeUndefined();
    await rig.patchSecret('laptop-team', HELD);

    const failed = await cleanup('laptop');

    expect(failed).toMatchObject(refusal('kubectl -n laptop delete lease ecr-pull-secrets'));
    expect(await rig.admin.find(lease)).toBeDefined();
    await rig.patchSecret('laptop-team', FREE);
    const done = await cleanup('laptop');

    expect([done.code, done.output]).toEqual([
      0,
      expect.stringContaining('is deleted: nothing is paused any more'),
    ]);
    expect(await rig.admin.find(lease)).toBeUndefined();
    expect((await rig.helmChart('install', release, REGISTRY)).code).toBe(0);
    await rig.helm.succeed('uninstall', release.name, ...within);
  });

  async function cleanup(namespace: string): Promise<ProgramRun> {
    const { adminKubeconfig } = rig.controlPlane;
    const flags = ['--kubeconfig', adminKubeconfig, '--namespace', namespace];
    return runProgram(['cleanup', '--yes', ...flags], {}, BUILT);
  }
});

describe('a release without the Lease', () => {
  it('works with the one that the first replica creates, which outlives the release', async () => {
    const { release, within, lease } = await home('unleased');
    await rig.optIn('unleased-team');
    const values = [REGISTRY, 'lease.create=false'];
    expect((await rig.helmChart('install', release, ...values)).code).toBe(0);
    expect(await rig.admin.find(lease)).toBeUndefined();
    const pod = await rig.runPod('unleased', release.name);
    await rig.untilReady('unleased-team', 30_000);
    expect(await rig.admin.find(lease)).toBeDefined();

    expect((await rig.helmChart('upgrade', release, 'replicaCount=1')).code).toBe(0);
    await rig.helm.succeed('uninstall', release.name, ...within);
    await rig.stop(pod);
    expect(await rig.admin.find(lease)).toBeDefined();
    expect((await rig.helmChart('install', release, ...values)).code).toBe(0);
    await rig.helm.succeed('uninstall', release.name, ...within);
  });

  it('gets it back with --take-ownership, or by a repeated rollback', async () => {
    const { release, within, lease } = await home('toggled');
    const values = ['--reset-then-reuse-values', '--set', 'lease.create=true'];
    const isHelms = async () => {
      const labels = (await rig.admin.find(lease))?.metadata.labels;
      return labels?.['app.kubernetes.io/managed-by'] === 'Helm';
    };
    /** Deleted, and re-created by a replica. */
    const giveAway = async () => {
      expect((await rig.helmChart('upgrade', release, 'lease.create=false')).code).toBe(0);
      await eventually({ what: 'a Lease of a replica', limitMs: 30_000 }, async () => {
        return (await rig.admin.find(lease)) !== undefined;
      });
      expect(await isHelms()).toBe(false);
    };
    expect((await rig.helmChart('install', release, REGISTRY)).code).toBe(0);
    const pod = await rig.runPod('toggled', release.name);
    await rig.untilPodReady(pod);

    await giveAway();
    const refused = await rig.helmChart('upgrade', release, 'lease.create=true');
    expect(refused).toMatchObject(refusal('exists and cannot be imported'));
    const taking = ['--take-ownership', ...within, ...values];
    await rig.helm.succeed('upgrade', release.name, CHART, ...taking);
    expect(await isHelms()).toBe(true);

    await giveAway();
    await rig.helm.run('rollback', release.name, '1', ...within);
    await rig.helm.succeed('rollback', release.name, '1', ...within);
    await rig.stop(pod);
    await rig.helm.succeed('uninstall', release.name, ...within);
    expect(await rig.admin.find(lease)).toBeUndefined();
  });
});

describe('an upgrade', () => {
  it('is refused if it would leave Secrets behind, and changes nothing', async () => {
    const { release, within, statusOf } = await home('renaming');
    expect((await rig.helmChart('install', release, REGISTRY)).code).toBe(0);

    const refusals = [
      ['config.secretName=b', '/docs/changing-the-secret-name.md'],
      ['instance=blue', 'instance is "default" and would become "blue"'],
      ['namespaceOverride=elsewhere', 'this release is installed into namespace "renaming"'],
    ] as const;
    for (const [value, message] of refusals) {
      const run = await rig.helmChart('upgrade', release, value);
      expect(run).toMatchObject(refusal(message));
    }
    expect(await statusOf()).toBe('deployed');
    const meant = ['config.secretName=b', 'allowOrphanedSecrets=true'];
    expect((await rig.helmChart('upgrade', release, ...meant)).code).toBe(0);
    // A rollback renders nothing, so nothing can refuse it.
    await rig.helm.succeed('rollback', release.name, '1', ...within);
    await rig.helm.succeed('uninstall', release.name, ...within);
  });
});

describe('a release with Roles in some namespaces', () => {
  const GUARDED = 'admissionPolicies.guard.enabled=true';
  const only = (...names: readonly string[]) => [
    'rbac.mode=namespaces',
    `config.namespaces.only={${names.join(',')}}`,
  ];

  it('is installed, used, tested, upgraded and uninstalled, although a namespace is gone', async () => {
    const { release, statusOf } = await home('narrow');
    await rig.namespaces('narrow-a', 'narrow-b', 'narrow-gone', 'narrow-outside', 'narrow-second');
    const listed = only('narrow-a', 'narrow-b', 'narrow-gone');
    const values = [...listed, REGISTRY, GUARDED, CLEANUP, 'cleanup.orphanedReferences=true'];
    expect((await rig.helmChart('install', release, ...values)).code).toBe(0);
    const pod = await rig.runPod('narrow', release.name);
    await rig.annotate('narrow-a', { enabled: 'true' });
    await rig.annotate('narrow-outside', { enabled: 'true' });
    const secret = await rig.untilReady('narrow-a', 30_000);
    expect(
      await rig.admin.list(
        '/apis/rbac.authorization.k8s.io/v1/clusterroles?labelSelector=app.kubernetes.io/part-of=ecr-pull-secrets',
      ),
    ).toEqual([]);

    const tested = await rig.helmWithHooks('narrow', 'test', release.name);
    expect(tested).toMatchObject({ code: 0, hooks: [{ kind: 'Pod', code: 0 }] });
    expect(tested.hooks[0]?.output).toContain('in 3 namespaces');

    // In the other mode, and therefore without a common binding.
    const second = { name: 'second', namespace: 'narrow-second' };
    const refused = await rig.helmChart('install', second, REGISTRY);
    expect(refused).toMatchObject(
      refusal(
        'already installed in this cluster by release "ecr-pull-secrets" in namespace "narrow"',
      ),
    );

    expect((await rig.helmChart('upgrade', release, 'config.removal.gracePeriod=1m')).code).toBe(0);
    const after = await rig.secret('narrow-a');
    expect(after.metadata.resourceVersion).toBe(secret.metadata.resourceVersion);

    // From an earlier trial: there has never been a Secret.
    for (const name of ['narrow-b', 'narrow-outside']) {
      await rig.makeAccount(name, 'tried', ['a', SECRET_NAME]);
    }
    await kubectl(rig.controlPlane, 'delete', 'namespace', 'narrow-gone');
    const uninstalled = await rig.helmWithHooks('narrow', 'uninstall', release.name);
    await rig.stop(pod);
    expect(uninstalled).toMatchObject({ code: 0, hooks: [{ kind: 'Job', code: 0 }] });
    expect(uninstalled.hooks[0]?.output).toContain(
      `may still exist, if the namespace does:\n  narrow-gone/${SECRET_NAME}`,
    );
    expect(await statusOf()).toBe('none');
    const left = await rig.madeBy(release.name, 'narrow');
    expect(left.map(({ metadata: { name } }) => name)).toEqual([`${release.name}-doctor`]);
    expect(await rig.findSecret('narrow-a')).toBeUndefined();
    expect(await rig.references('narrow-a')).toEqual([]);
    expect(uninstalled.hooks[0]?.output).toContain(
      'removed 1 orphaned reference from ServiceAccounts',
    );
    expect(await rig.references('narrow-b', 'tried')).toEqual(['a']);
    expect(await rig.references('narrow-outside', 'tried')).toEqual(['a', SECRET_NAME]);
    expect(await rig.findSecret('narrow-outside')).toBeUndefined();
  });
});
