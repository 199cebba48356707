/**
 * The whole examination: our own wire over HTTPS to the simulated cluster, the SDK over a wire to the simulated AWS.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { thisMachine } from '../../../src/platform/platform.ts';
import { type Check, countFailed } from '../../../src/doctor/check.ts';
import { type DoctorOptions, examine } from '../../../src/doctor/examine.ts';
import { renderCheck, renderJson } from '../../../src/doctor/render-checks.ts';
import { LEASE_ANNOTATIONS } from '../../../src/domain/contract.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import { SimulatedAws } from '../../../simulator/aws/simulated-aws.ts';
import { SECRET_NAME } from '../../support/values/builders.ts';
import { rulesOfUser } from '../../../simulator/server/rbac-manifests.ts';
import { CANARY, holdsCanary } from '../../support/suite/canary.ts';
import { HOST } from '../../support/values/config-text.ts';
import { INSTALLED_AS, isGuardProbe, OUR_USER } from '../../support/cluster/install.ts';
import { readNamespacedInstallation } from '../../support/cluster/namespace-roles.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { guard } from '../../support/simulated/guarded.ts';
import { ServedCluster } from '../../support/simulated/served-cluster.ts';
import { OUR_RULES } from '../../support/simulated/simulated-world.ts';

const CREDENTIALS = { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' };
const { namespace } = INSTALLED_AS;

describe('the doctor on the simulator', () => {
  let cluster: ServedCluster;
  let removeGuard: () => void;
  let aws: SimulatedAws;
  let dir: string;
  beforeEach(async () => {
    cluster = await ServedCluster.start({ access: { [OUR_USER]: OUR_RULES } });
    removeGuard = guard(cluster.simulator);
    aws = new SimulatedAws({ clock: systemClock, marker: CANARY });
    dir = mkdtempSync(join(tmpdir(), 'doctor-'));
  });
  afterEach(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true });
  });

  async function runDoctor(
    options: Partial<Omit<DoctorOptions, 'namespace'>> & {
      readonly namespace?: string | null;
    } = {},
  ): Promise<readonly Check[]> {
    const platform = {
      ...thisMachine({ AWS_REGION: 'eu-west-1' }),
      aws: { wire: aws.wire(), credentials: CREDENTIALS },
    };
    const kubeconfig = options.kubeconfig ?? cluster.kubeconfigOf(OUR_USER);
    const where = options.namespace === null ? {} : { namespace: options.namespace ?? namespace };
    const { namespace: _, ...others } = options;
    const asked = { version: 'test', instance: 'default', ...others, ...where, kubeconfig };
    const checks: Check[] = [];
    for await (const check of examine(asked, platform, new AbortController().signal)) {
      checks.push(check);
    }
    expect(holdsCanary(checks.map(renderCheck).join('') + renderJson(checks))).toBe(false);
    return checks;
  }
  const withStatus = (checks: readonly Check[], ...statuses: readonly string[]) =>
    checks
      .filter(({ status }) => statuses.includes(status))
      .map(({ name, subject }) => `${name} ${subject}`);

  it('finds no fault in an installation from the manifest, and changes nothing', async () => {
    const revision = cluster.simulator.revision;

    const checks = await runDoctor();

    expect(withStatus(checks, 'failed', 'warning')).toEqual([]);
    // The simulator serves no SelfSubjectReviews, like a server before 1.28.
    // Nor does it serve ClusterRoleBindings, as in a cluster that grants permissions by Roles.
    expect(withStatus(checks, 'skipped')).toEqual([
      'api-server user',
      'installation ClusterRoleBinding/ecr-pull-secrets',
    ]);
    expect(withStatus(checks, 'ok')).toEqual([
      'configuration defaults',
      `api-server ${cluster.server.url}`,
      'clock API server',
      ...['get', 'list', 'watch'].map((verb) => `permissions ${verb} namespaces`),
      ...['get', 'list', 'watch', 'patch'].map((verb) => `permissions ${verb} serviceaccounts`),
      ...['get', 'list', 'watch', 'create', 'patch', 'delete'].map(
        (verb) => `permissions ${verb} secrets/${SECRET_NAME}`,
      ),
      ...['create', 'patch'].map((verb) => `permissions ${verb} events`),
      'permissions get clusterrolebindings/ecr-pull-secrets',
      ...['get', 'create', 'patch'].map((verb) => `permissions ${verb} leases/ecr-pull-secrets`),
      'permissions other Secrets',
      'policies guard',
      'identity default (eu-west-1)',
      'token default (eu-west-1)',
      `registry ${HOST}`,
      'clock AWS',
    ]);
    expect(cluster.simulator.revision).toBe(revision);
    expect(aws.tokensMinted).toBe(1);
  });

  it('finds each missing permission separately', async () => {
    const rules = OUR_RULES;
    for (const [resource, verb, subject] of [
      ['secrets', 'watch', `watch secrets/${SECRET_NAME}`],
      ['namespaces', 'get', 'get namespaces'],
      ['events', 'patch', 'patch events'],
      ['leases', 'create', 'create leases/ecr-pull-secrets'],
    ] as const) {
      cluster.simulator.setAccess(OUR_USER, rules.map(without(resource, verb)));
      expect(withStatus(await runDoctor(), 'failed', 'warning')).toEqual([
        `permissions ${subject}`,
      ]);
    }
  });

  it('checks the Secret and the Lease of another instance by their names', async () => {
    const config = join(dir, 'config.yaml');
    writeFileSync(config, 'secretName: blue-pull');
    const failed = withStatus(await runDoctor({ config, instance: 'blue' }), 'failed');
    expect(failed).toHaveLength(10);
    expect(failed).toContain('permissions create secrets/blue-pull');
    expect(failed).toContain('permissions get leases/ecr-pull-secrets-blue');
  });

  it('warns if a user can read every Secret, and fails if the permissions are in another namespace', async () => {
    const checks = await runDoctor({
      kubeconfig: cluster.kubeconfigOf('admin'),
      namespace: 'other',
    });
    expect(withStatus(checks, 'failed')).toEqual([]);
    expect(withStatus(checks, 'warning')).toEqual(['permissions other Secrets']);

    const elsewhere = await runDoctor({ namespace: 'other' });
    expect(withStatus(elsewhere, 'failed')).toHaveLength(3);
  });

  it('checks no cluster-wide permission with namespaces.only', async () => {
    const rules = rulesOfUser(await readNamespacedInstallation(['team-a', 'team-b']), OUR_USER);
    cluster.simulator.setAccess(OUR_USER, rules);
    const config = join(dir, 'config.yaml');
    writeFileSync(config, 'namespaces: {only: [team-a, team-b]}');

    const checks = await runDoctor({ config });

    expect(withStatus(checks, 'failed', 'warning')).toEqual([]);
    const messages = checks
      .filter(({ name }) => name === 'permissions')
      .map(({ message }) => message);
    expect(messages.filter((message) => message === 'allowed in 2 namespaces')).toHaveLength(15);
    const asked = cluster.simulator.requests.map(({ path }) => path);
    expect(asked.filter((path) => path.includes('rolebindings'))).toEqual(
      ['team-a', 'team-b'].map(
        (team) =>
          `/apis/rbac.authorization.k8s.io/v1/namespaces/${team}/rolebindings/ecr-pull-secrets`,
      ),
    );
    const refused = cluster.simulator.requests.filter(
      ({ status, query }) => status === 403 && !isGuardProbe(query),
    );
    expect(refused).toEqual([]);
  });

  it.each([
    ['{}', 'ClusterRoleBinding', ''],
    ['namespaces: {only: [team-a, team-b]}', 'RoleBinding', 'team-b/'],
  ])('fails if the instance already exists in another namespace: %s', async (text, kind, place) => {
    const config = join(dir, 'config.yaml');
    writeFileSync(config, text);
    const subjects = [{ kind: 'ServiceAccount', name: 'any', namespace: 'elsewhere' }];
    cluster.simulator.faults.add({
      effect: { kind: 'answer', status: 200, body: { kind, subjects } },
      match: ({ path }) => path.endsWith(`${place}${kind.toLowerCase()}s/ecr-pull-secrets`),
    });

    expect(withStatus(await runDoctor({ config }), 'failed')).toContain(
      `installation ${kind}/${place}ecr-pull-secrets`,
    );
  });

  it('warns if the guard is not in effect, and changes nothing', async () => {
    removeGuard();
    const revision = cluster.simulator.revision;

    const checks = await runDoctor();

    expect(withStatus(checks, 'failed', 'warning')).toEqual(['policies guard']);
    expect(checks.find(({ name }) => name === 'policies')).toMatchObject({
      message: expect.stringMatching(/^not in effect for secrets, serviceaccounts, events: /),
      fix: expect.stringContaining('admissionPolicies.guard.enabled'),
    });
    expect(cluster.simulator.revision).toBe(revision);
  });

  it('does not probe a guard that is off', async () => {
    removeGuard();
    const checks = await runDoctor({ guard: 'off' });

    expect(withStatus(checks, 'info')).toContain('policies guard');
    expect(withStatus(checks, 'warning')).toEqual([]);
    const queries = cluster.simulator.requests.map(({ query }) => query);
    expect(queries.filter((query) => query.includes('dryRun'))).toEqual([]);
  });

  it('warns of a paused Lease', async () => {
    const lease = { kind: 'Lease', namespace, name: 'ecr-pull-secrets' } as const;
    cluster.simulator.kubectl.createNamespace(namespace);
    cluster.simulator.kubectl.create(lease);
    expect(withStatus(await runDoctor(), 'ok')).toContain('installation Lease/ecr-pull-secrets');
    cluster.simulator.kubectl.annotate(lease, { [LEASE_ANNOTATIONS.paused]: 'by me' });
    expect(withStatus(await runDoctor(), 'warning')).toEqual([
      'installation Lease/ecr-pull-secrets',
    ]);
  });

  it('reports that the Lease was not checked if leader election is off', async () => {
    const checks = await runDoctor({ leaderElect: false });
    expect(withStatus(checks, 'skipped').filter((line) => line.includes('lease'))).toHaveLength(3);
    expect(countFailed(checks)).toBe(0);
  });

  it('fails if leader election is on and no namespace is given', async () => {
    const checks = await runDoctor({ leaderElect: true, namespace: null });
    expect(withStatus(checks, 'failed').filter((line) => line.includes('lease'))).toHaveLength(3);
  });

  it('continues with AWS if the API server does not know us', async () => {
    const checks = await runDoctor({ kubeconfig: cluster.kubeconfigOf('stranger') });
    expect(withStatus(checks, 'failed')).toEqual([`api-server ${cluster.server.url}`]);
    expect(checks.find(({ status }) => status === 'failed')).toMatchObject({
      message: expect.stringContaining('401'),
      fix: expect.stringContaining('valid ones'),
    });
    expect(withStatus(checks, 'skipped')).toEqual(['permissions all']);
    expect(withStatus(checks, 'ok')).toContain('token default (eu-west-1)');
  });

  it('checks the healthy profiles if another has a fault', async () => {
    const config = join(dir, 'config.yaml');
    writeFileSync(config, `profiles: {default: {registries: [${HOST}]}, bad: {}}`);
    expect(withStatus(await runDoctor({ config }), 'ok')).toContain('token default (eu-west-1)');
  });

  it('does not call AWS without a valid configuration', async () => {
    const config = join(dir, 'config.yaml');
    writeFileSync(config, 'profiles: [');
    const checks = await runDoctor({ config });
    expect(withStatus(checks, 'failed')).toEqual([`configuration ${config}`]);
    expect(withStatus(checks, 'skipped')).toContain('identity all');
    expect(aws.calls).toEqual([]);
  });

  it('reports a denial by ECR with its fix', async () => {
    aws.ecrMode = { kind: 'deny' };
    const checks = await runDoctor();
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([
      expect.objectContaining({
        name: 'token',
        message: expect.stringContaining('access denied (AccessDeniedException') as unknown,
        fix: expect.stringContaining('ecr:GetAuthorizationToken') as unknown,
      }),
    ]);
  });

  it('names a role that may not be assumed, and does not mint with it', async () => {
    const config = join(dir, 'config.yaml');
    const role = 'arn:aws:iam::210987654321:role/pull';
    const profile = `{registries: [${HOST}], assumeRole: {roleArn: "${role}", externalId: hush}}`;
    writeFileSync(config, `profiles: {default: ${profile}}`);
    aws.stsMode = { kind: 'deny' };

    const checks = await runDoctor({ config });

    expect(withStatus(checks, 'failed')).toEqual(['identity default (eu-west-1)']);
    const failed = checks.find(({ status }) => status === 'failed');
    expect(failed).toMatchObject({
      message: expect.stringContaining(`default chain (auto), then ${role}`),
      fix: expect.stringContaining('sts:AssumeRole'),
    });
    expect(renderJson(checks)).not.toContain('hush');
    expect(aws.tokensMinted).toBe(0);
  });
});

function without(resource: string, verb: string): (rule: AccessRule) => AccessRule {
  return (rule) =>
    rule.resources.includes(resource)
      ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) }
      : rule;
}
