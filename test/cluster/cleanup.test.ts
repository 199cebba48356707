/** `dist/main.mjs cleanup` as our ServiceAccount on a real API server, with two replicas that keep running. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CleanupReport } from '../../src/cleanup/report.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import type { ControllerProcess } from '../support/process/controller-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { spawnGuarded } from '../support/process/guarded-child.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { typed } from '../support/cluster/kubectl.ts';
import { SECRET_NAME } from '../support/cluster/opted-in.ts';
import { programEnvironment } from '../support/process/program-environment.ts';
import { BUILT, type ProgramRun, runProgram } from '../support/process/program-process.ts';
import { LEASE_PATH, leaseOf, masterStatus, startReplica } from '../support/cluster/replicas.ts';
import { Rig } from '../support/cluster/rig.ts';

const TEAMS = Array.from({ length: 40 }, (_, index) => `cleanup-${index}`);
const [FIRST = '', HELD = ''] = TEAMS;
const FOREIGN = 'cleanup-foreign';
const TRIED = ['cleanup-tried-a', 'cleanup-tried-b'];
/** The Secret of another instance, which serves the first namespace, too. */
const OTHER = 'registry-access';
const OTHER_PATH = `/api/v1/namespaces/${FIRST}/secrets/${OTHER}`;
/** By Pod: the Secrets that it names. */
const PODS = {
  'ours-alone': [SECRET_NAME],
  'ours-and-more': ['own', SECRET_NAME, OTHER],
  'other-alone': [OTHER],
  'names-alike': [`${SECRET_NAME}-x`, `x-${SECRET_NAME}`],
  // It gets those of its ServiceAccount.
  'lists-none': [],
  finished: [SECRET_NAME],
} as const;

describe('cleanup on a real API server', () => {
  let rig: Rig;
  let replicas: readonly ControllerProcess[];
  let kubeconfig: string;
  let scope: Readonly<Record<string, string>>;
  beforeAll(async () => {
    // A control plane of its own: cleanup covers the whole cluster, and would also count what other tests leave for a
    // while.
    rig = await Rig.open({ controlPlane: 'own', namespaces: [FOREIGN, ...TRIED, ...TEAMS] });
    kubeconfig = await rig.controlPlane.kubeconfigFor(INSTALLED_AS);
    scope = await rig.scope();
    // Created as by the chart, whatever other tests have left there.
    if ((await rig.admin.find(LEASE_PATH)) !== undefined) await rig.admin.delete(LEASE_PATH);
    await rig.admin.create(LEASE_PATH.slice(0, LEASE_PATH.lastIndexOf('/')), {
      metadata: { name: 'ecr-pull-secrets', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    });
    await rig.namespace(FOREIGN);
    await rig.admin.create(`/api/v1/namespaces/${FOREIGN}/secrets`, {
      metadata: { name: SECRET_NAME },
      stringData: { a: 'b' },
    });
    await Promise.all(TEAMS.map((name) => rig.optIn(name)));
    await rig.makeAccount(FIRST, 'app', ['a', SECRET_NAME, OTHER, 'b']);
    await makeOther();
    await makePods();
    replicas = [await startReplica(rig), await startReplica(rig)];
    await rig.untilAllReady(TEAMS);
  });
  closeAfterAll(
    () => [rig],
    async () => {
      if ((await rig.findSecret(HELD)) !== undefined) await holdBy([]);
    },
  );

  const env = () => ({
    ECR_PULL_SECRETS_KUBECONFIG: kubeconfig,
    ECR_PULL_SECRETS_NAMESPACE: INSTALLED_AS.namespace,
    ...scope,
  });
  async function cleanup(...args: readonly string[]): Promise<ProgramRun> {
    return runProgram(['cleanup', ...args], env(), BUILT);
  }
  const reportOf = ({ output }: ProgramRun) =>
    JSON.parse(output) as Omit<CleanupReport, 'ending'> & { readonly ending: string };
  const leaders = async (): Promise<number> =>
    (await Promise.all(replicas.map(masterStatus))).filter((status) => status === 1).length;
  const holdBy = (finalizers: readonly string[]): Promise<unknown> =>
    rig.patchSecret(HELD, { metadata: { finalizers } });

  /** As the other instance creates it. */
  async function makeOther(): Promise<void> {
    const labels = {
      'app.kubernetes.io/managed-by': 'ecr-pull-secrets',
      'app.kubernetes.io/instance': 'second',
    };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: OTHER, labels },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': btoa('{"auths":{}}') },
    };
    await rig.admin.apply(OTHER_PATH, secret, 'ecr-pull-secrets-second');
  }
  async function makePods(): Promise<void> {
    const path = `/api/v1/namespaces/${FIRST}/pods`;
    for (const [name, references] of Object.entries(PODS)) {
      await rig.admin.create(path, {
        metadata: { name },
        spec: {
          serviceAccountName: 'app',
          imagePullSecrets: references.map((reference) => ({ name: reference })),
          containers: [{ name: 'main', image: 'image' }],
        },
      });
    }
    await rig.admin.mergePatch(`${path}/finished/status`, { status: { phase: 'Succeeded' } });
  }

  it('changes nothing without --yes, and prints what it would do', async () => {
    const run = await cleanup();

    expect([run.code, run.errors]).toEqual([2, '']);
    expect(run.output).toMatch(
      /^would delete 40 Secrets and remove the reference from 41 ServiceAccounts in 40 namespaces\n/,
    );
    expect(await leaders()).toBe(1);
  });

  it('prints a command that lists exactly the Pods that name the Secret', async () => {
    const { output } = await cleanup();
    const command = output.split('\n').find((line) => line.includes('kubectl get pods')) ?? '';
    const { stdout } = await typed(rig.controlPlane, command);

    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      `${FIRST}/lists-none a ${SECRET_NAME} ${OTHER} b`,
      `${FIRST}/ours-alone ${SECRET_NAME}`,
      `${FIRST}/ours-and-more own ${SECRET_NAME} ${OTHER}`,
      '',
    ]);
  });

  it('exits with 130 and a report on SIGTERM while it waits', async () => {
    const command = [process.execPath, BUILT, 'cleanup', '--yes'];
    const { child, stdout, stderr, exited } = spawnGuarded(command, programEnvironment(env()));
    const what = 'the pause annotation';
    await eventually({ what, limitMs: 10_000, everyMs: 10 }, () =>
      stderr.lines.includes('the Lease is paused'),
    );
    child.kill('SIGTERM');

    expect(await exited).toBe(130);
    expect(stdout.lines.slice(0, 2)).toEqual([
      'deleted 0 Secrets and removed the reference from 0 ServiceAccounts in 0 namespaces',
      'interrupted: run the same command again to continue',
    ]);
  });

  it('leaves only what has a finalizer, is foreign or belongs to another instance, while two replicas run', async () => {
    await holdBy(['example.io/hold']);
    const other = await rig.admin.get(OTHER_PATH);
    const since = new Date();
    const run = await cleanup('--yes', '-o', 'json');

    const report = reportOf(run);
    expect(report).toMatchObject({
      ending: 'done',
      deletedSecrets: 40,
      detachedServiceAccounts: 41,
      namespaces: 40,
      orphanedReferences: [],
    });
    expect(report.left.map(({ namespace, kind }) => `${namespace} ${kind}`).sort()).toEqual([
      `${HELD} terminating`,
      `${FOREIGN} foreign`,
    ]);
    expect(run.code).toBe(1);
    const remaining: string[] = [];
    for (const name of TEAMS) {
      expect(await rig.references(name)).toEqual([]);
      if ((await rig.findSecret(name)) !== undefined) remaining.push(name);
    }
    expect(remaining).toEqual([HELD]);
    expect(await rig.references(FIRST, 'app')).toEqual(['a', OTHER, 'b']);
    expect(await rig.admin.get(OTHER_PATH)).toEqual(other);

    // None of them is the controller's: it writes Secrets by patch, and would attach what cleanup has detached.
    const asked = await rig.requests(since);
    expect(
      asked.filter(({ verb, resource }) => verb === 'patch' && resource === 'secrets'),
    ).toEqual([]);
    const detached = asked.filter(({ verb, resource, code }) => {
      return verb === 'patch' && resource === 'serviceaccounts' && code === 200;
    });
    expect(detached).toHaveLength(41);
    expect(await leaders()).toBe(0);
    expect(await leaseOf(rig)).toMatchObject({ holderIdentity: '' });
    for (const replica of replicas) {
      expect([
        (await replica.page('/livez')).status,
        (await replica.page('/readyz')).status,
      ]).toEqual([200, 200]);
      expect((await replica.metrics()).value('ecr_pull_secrets_paused')).toBe(1);
    }
  });

  it('completes its work when it is repeated, and exits with 0', async () => {
    await holdBy([]);
    const run = await cleanup('--yes');

    expect(run.code).toBe(0);
    expect(run.output).toContain(
      'deleted 0 Secrets and removed the reference from 0 ServiceAccounts in 0 namespaces',
    );
    expect(run.output).toContain(
      'kubectl -n ecr-pull-secrets annotate lease ecr-pull-secrets ecr-pull-secrets.io/paused-',
    );
  });

  it('removes orphaned references only with --orphaned-references, under the guard', async () => {
    await Promise.all(TRIED.map((name) => rig.namespace(name)));
    for (const name of [...TRIED, FOREIGN]) {
      await rig.makeAccount(name, 'tried', ['a', SECRET_NAME, 'b']);
    }
    const entries = () =>
      Promise.all([...TRIED, FOREIGN].map((name) => rig.references(name, 'tried')));
    const [all, without] = [
      ['a', SECRET_NAME, 'b'],
      ['a', 'b'],
    ] as const;

    const kept = await cleanup('--yes');
    expect([kept.code, await entries()]).toEqual([0, [all, all, all]]);
    expect(kept.output).toContain(
      "2 orphaned references in 2 namespaces: ServiceAccounts that name this instance's Secret",
    );
    const shown = await cleanup('--orphaned-references');
    expect([shown.code, await entries()]).toEqual([2, [all, all, all]]);
    expect(shown.output).toContain('would remove 2 orphaned references in 2 namespaces');

    const run = await cleanup('--yes', '--orphaned-references', '-o', 'json');
    expect(reportOf(run)).toMatchObject({
      ending: 'done',
      deletedSecrets: 0,
      detachedServiceAccounts: 0,
      detachedOrphanedReferences: 2,
      namespaces: 2,
      orphanedReferences: [],
      left: [{ namespace: FOREIGN, kind: 'foreign' }],
    });
    expect([run.code, await entries()]).toEqual([0, [without, without, all]]);
  });

  it('is undone by --resume: every namespace has its Secret again', async () => {
    expect(await cleanup('--resume')).toMatchObject({ code: 0, errors: '' });

    await rig.untilAllReady(TEAMS);
    await eventually({ what: 'one leader', limitMs: 5_000 }, async () => (await leaders()) === 1);
    expect(await rig.admin.find(LEASE_PATH)).toMatchObject({
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    });
    expect(await rig.violations()).toEqual([]);
  });
});
