/**
 * `namespaces.only` on a real API server: a run with a Role in each of its namespaces, and no cluster-wide permission.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { BUILT, foundBy, runDoctor } from '../support/process/program-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { INSTALLED_AS, userOf } from '../support/cluster/install.ts';
import { install } from '../support/cluster/install-chart.ts';
import { Rig } from '../support/cluster/rig.ts';

const [A, B, OUTSIDE, BARE] = ['only-a', 'only-b', 'only-outside', 'only-bare'];
const LISTED = [A, B, 'only-c', 'only-d'];
/** Next to the instance that has the ClusterRole. */
const INSTANCE = 'roles';
const USER = { ...INSTALLED_AS, serviceAccount: `ecr-pull-secrets-${INSTANCE}` };
const FLAGS = ['--instance', INSTANCE];
const configOf = (names: readonly string[]): string =>
  `namespaces: {only: [${names.join(', ')}]}\nremoval: {gracePeriod: 2s}`;

describe('a run with a Role in each of some namespaces', () => {
  let rig: Rig;
  let kubeconfig: string;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', user: userOf(USER) });
    for (const name of [...LISTED, OUTSIDE, BARE]) await rig.optIn(name);
    await install(rig.admin, { instance: INSTANCE, namespaces: LISTED });
    kubeconfig = await rig.controlPlane.kubeconfigFor(USER);
    await rig.run({ kubeconfig, flags: FLAGS, config: configOf(LISTED) });
    await rig.untilAllReady(LISTED);
  });
  closeAfterAll(() => [rig]);

  it('notices a namespace that is deleted and re-created, with its Role', async () => {
    await rig.admin.delete(`/api/v1/namespaces/${B}`);
    await eventually({ what: 'the end of the namespace', limitMs: 30_000 }, async () => {
      return (await rig.admin.find(`/api/v1/namespaces/${B}`)) === undefined;
    });
    await rig.admin.create('/api/v1/namespaces', { metadata: { name: B } });
    await install(rig.admin, { instance: INSTANCE, namespaces: [B] });
    await rig.annotate(B, { enabled: 'true' });
    await rig.untilReady(B, 60_000);
    await rig.controller.ready(60_000);
  });

  it('has changed nothing outside, and requested nothing there', async () => {
    expect(await rig.findSecret(OUTSIDE)).toBeUndefined();
    expect(await rig.references(OUTSIDE)).toEqual([]);

    const inside = new RegExp(`^/api/v1/(?:watch/)?namespaces/(?:${LISTED.join('|')})(?:[/?]|$)`);
    const requests = await rig.requests();
    expect(requests.length).toBeGreaterThan(20);
    expect(requests.map(({ uri }) => uri).filter((uri) => !inside.test(uri))).toEqual([]);
    expect(await rig.violations()).toEqual([]);
  });

  it('passes the doctor, with one line for each permission', async () => {
    const found = await doctor(LISTED);

    expect(found.filter(({ status }) => status !== 'ok')).toEqual([]);
    const permissions = found.filter(({ message }) => message === 'allowed in 4 namespaces');
    expect(permissions).toHaveLength(15);
  });

  it('serves the others if the Role in one is missing, reports it, and recovers', async () => {
    const found = await doctor([A, BARE]);
    expect(found.filter(({ status }) => status === 'failed')).toHaveLength(15);
    expect(found.find(({ subject }) => subject === 'watch namespaces')).toMatchObject({
      message: expect.stringContaining(`not allowed in ${BARE}; `),
    });

    await rig.controller.stop();
    const run = await rig.start({ kubeconfig, flags: FLAGS, config: configOf([A, BARE]) });
    await rig.deleteSecret(A);
    await rig.untilReady(A, 30_000);
    const { status, body } = await run.page('/readyz?verbose');
    expect({ status, body }).toMatchObject({
      status: 503,
      body: expect.stringContaining(`[-]watch-secrets failed: in namespace "${BARE}": not allowed`),
    });

    await install(rig.admin, { instance: INSTANCE, namespaces: [BARE] });
    await run.ready(60_000);
    await rig.untilReady(BARE);
  });

  async function doctor(only: readonly string[]) {
    const config = join(rig.controlPlane.dir, 'namespaces-only.yaml');
    await writeFile(config, configOf(only));
    const env = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_ENDPOINT_URL_ECR: rig.aws.url,
      AWS_ENDPOINT_URL_STS: rig.aws.url,
      ECR_PULL_SECRETS_KUBECONFIG: kubeconfig,
      ECR_PULL_SECRETS_LEADER_ELECT: 'true',
      ECR_PULL_SECRETS_NAMESPACE: USER.namespace,
      ECR_PULL_SECRETS_INSTANCE: INSTANCE,
      ECR_PULL_SECRETS_CONFIG: config,
    };
    const run = await runDoctor(['-o', 'json'], env, BUILT);
    return foundBy(run).checks.filter(
      ({ name, subject }) => name === 'permissions' && !subject.includes('leases'),
    );
  }
});
