/** `dist/main.mjs doctor` with the ServiceAccount of manifests/install.yaml on a real API server, and an AWS behind a proxy. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { holdsCanary } from '../support/suite/canary.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { BUILT, type ProgramRun, foundBy, runDoctor } from '../support/process/program-process.ts';
import { INSTALLED_AS, OUR_USER } from '../support/cluster/install.ts';
import { SECRET_NAME } from '../support/cluster/opted-in.ts';
import { ProxiedAws } from '../support/aws/proxied-aws.ts';
import { eventually } from '../support/suite/eventually.ts';
import { Rig } from '../support/cluster/rig.ts';
import { removeWatchPermission } from '../support/cluster/without-watch.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

describe('the doctor on a real API server', () => {
  let rig: Rig;
  let aws: ProxiedAws;
  let kubeconfig: string;
  beforeAll(async () => {
    aws = await ProxiedAws.start();
    rig = await Rig.open({ controlPlane: 'own' });
    kubeconfig = await rig.controlPlane.kubeconfigFor(INSTALLED_AS);
  });
  closeAfterAll(() => [rig, aws]);

  async function doctor(...args: readonly string[]): Promise<ProgramRun> {
    const run = await runDoctor(
      args,
      {
        ...aws.environment,
        ECR_PULL_SECRETS_KUBECONFIG: kubeconfig,
        ECR_PULL_SECRETS_NAMESPACE: INSTALLED_AS.namespace,
      },
      BUILT,
    );
    expect(run.errors).toBe('');
    expect(holdsCanary(run.output)).toBe(false);
    return run;
  }
  const brief = (run: ProgramRun, status: string) =>
    foundBy(run)
      .checks.filter((check) => check.status === status)
      .map(({ name, subject }) => `${name} ${subject}`);

  it('finds no fault in an installation from the manifest, and exits with 0', async () => {
    const run = await doctor('-o', 'json');

    expect(brief(run, 'failed')).toEqual([]);
    expect(brief(run, 'skipped')).toEqual([]);
    expect(brief(run, 'warning')).toEqual([]);
    expect(brief(run, 'ok')).toContain(`registry ${HOST}`);
    const { checks, failed } = foundBy(run);
    expect(
      checks.filter(({ name, status }) => name === 'permissions' && status === 'ok'),
    ).toHaveLength(20);
    expect(checks.find(({ subject }) => subject === 'user')?.message).toBe(OUR_USER);
    expect(checks.find(({ name }) => name === 'api-server')?.message).toMatch(/^v1\.36\.\d+/);
    expect([failed, run.code]).toEqual([0, 0]);
  });

  it('reports that these are not the permissions of the controller', async () => {
    const admin = await doctor('--kubeconfig', rig.controlPlane.adminKubeconfig, '-o', 'json');

    expect(foundBy(admin).checks.find(({ subject }) => subject === 'user')).toMatchObject({
      status: 'info',
      message: expect.stringContaining('the permissions below are yours'),
    });
    expect(brief(admin, 'warning')).toEqual([]);
    expect(brief(admin, 'info')).toContain('permissions other Secrets');
    expect(admin.code).toBe(0);
  });

  it('fails on exactly the missing permission, with its fix, and exits with 1', async () => {
    const restore = await removeWatchPermission(rig);

    const [json, text] = [await doctor('-o', 'json'), await doctor()];

    expect(brief(json, 'failed')).toEqual([`permissions watch secrets/${SECRET_NAME}`]);
    expect([json.code, foundBy(json).failed, text.code]).toEqual([1, 1, 1]);
    expect(text.output.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([
      `FAILED   permissions watch secrets/${SECRET_NAME}: not allowed; without it, the controller sees no changes and never becomes ready`,
    ]);
    expect(text.output).toContain(
      `\n         fix: grant this user "watch" on secrets with resourceNames [${SECRET_NAME}]`,
    );
    expect(text.output).toMatch(/, 1 failed$/);
    await restore();
  });

  it('warns of a guard that is missing, as the controller and as a person', async () => {
    expect(brief(await doctor('-o', 'json'), 'ok')).toContain('policies guard');
    const admin = ['--kubeconfig', rig.controlPlane.adminKubeconfig];
    expect(brief(await doctor('-o', 'json', ...admin), 'ok')).toContain('policies guard');
    for (const resource of ['secrets', 'serviceaccounts', 'events']) {
      const name = `ecr-pull-secrets-guard-${resource}`;
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${name}`;
      await rig.admin.delete(path);
    }

    const run = await eventually(
      { what: 'an API server without the guard', limitMs: 60_000 },
      async () => {
        const seen = await doctor('-o', 'json');
        const message = foundBy(seen).checks.find(({ name }) => name === 'policies')?.message ?? '';
        return message.includes('secrets, serviceaccounts, events') ? seen : undefined;
      },
    );

    expect(brief(run, 'warning')).toEqual(['policies guard']);
    expect(run.code).toBe(0);
    expect(brief(await doctor('-o', 'json', ...admin), 'warning')).toEqual(['policies guard']);
  });

  it('reports a failure if the API server is down', async () => {
    await rig.controlPlane.stopApiServer(0);

    const run = await doctor('-o', 'json');

    expect(brief(run, 'failed')).toHaveLength(1);
    expect(brief(run, 'failed')[0]).toMatch(/^api-server https/);
    expect(brief(run, 'ok')).toContain('token default (eu-west-1)');
    expect(run.code).toBe(1);
  });
});
