/** The real kubectl on the simulator: each command of docs/simulator.md prints the same as on a real server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ApiTransport } from '../../../src/kubernetes/transport/api-transport.ts';
import { KubeconfigWire } from '../../../src/kubernetes/wire/kubeconfig-wire.ts';
import { loadKubeConfig } from '../../../src/kubernetes/wire/load-kube-config.ts';
import { RequestBudget } from '../../../src/kubernetes/transport/request-budget.ts';
import { sharedControlPlane } from '../../support/control-plane/shared.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { environmentOf, type KubectlHome, runKubectl } from '../../support/cluster/kubectl.ts';
import { KUBECTL_ROWS, WATCHING } from '../../support/pages/kubectl-commands.ts';
import { collectLines } from '../../support/process/output-lines.ts';
import { systemClock as clock } from '../../../src/base/system-clock.ts';
import { ServedCluster } from '../../support/simulated/served-cluster.ts';
import type { ToolRun } from '../../support/tools/run-tool.ts';

const NS = 'kubectl-team';
const CORE = `/api/v1/namespaces`;
const HOME = `${CORE}/${NS}`;

/** One of everything, by path. */
const OBJECTS: readonly (readonly [string, object])[] = [
  [CORE, { metadata: { name: NS } }],
  [
    `${HOME}/secrets`,
    {
      metadata: { name: 'pull', labels: { team: 'c' } },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': btoa('{"auths":{}}') },
    },
  ],
  [
    `${HOME}/secrets`,
    { metadata: { name: 'other', labels: { team: 'a' } }, stringData: { a: 'b' } },
  ],
  [`${HOME}/configmaps`, { metadata: { name: 'settings' }, data: { a: '1', b: '2' } }],
  [
    '/apis/coordination.k8s.io/v1/namespaces/kubectl-team/leases',
    { metadata: { name: 'held' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
  ],
  [
    `${HOME}/events`,
    {
      metadata: { name: 'told' },
      involvedObject: { kind: 'Namespace', name: NS, namespace: NS },
      reason: 'Refreshed',
      message: 'the Secret is fresh ',
      type: 'Normal',
      count: 3,
      firstTimestamp: '2020-01-01T00:00:00Z',
      lastTimestamp: '2020-01-01T00:00:00Z',
      source: { component: 'ecr-pull-secrets', host: 'pod-1' },
    },
  ],
  [
    `${HOME}/pods`,
    {
      metadata: { name: 'waits' },
      spec: { containers: [{ name: 'app', image: 'example.io/app:1' }] },
    },
  ],
];

/** Everything is sent as JSON. */
async function fill(kubeconfig: string): Promise<void> {
  const wire = new KubeconfigWire({ kubeConfig: loadKubeConfig({ kubeconfig }), clock });
  const budget = new RequestBudget({ clock, qps: 500, burst: 500 });
  const transport = new ApiTransport({ wire, clock, budget });
  const { signal } = new AbortController();
  for (const [path, object] of OBJECTS) {
    // A Pod waits for the ServiceAccount that the namespace gets.
    await eventually({ what: path, limitMs: 10_000 }, async () => {
      await transport.request({ method: 'POST', path, body: JSON.stringify(object), signal });
      return true;
    });
  }
  await wire.close();
}

/** Without what differs between servers: ages, generated names, and the widths of columns. */
function plain({ code, stdout, stderr }: Omit<ToolRun, 'output'>) {
  const text = (output: string): readonly string[] =>
    output
      .split('\n')
      .filter((line) => !/^ *"?(?:uid|resourceVersion|creationTimestamp)"?:/.test(line))
      .map((line) => line.replace(/\b(?:\d+[smhdy])+(?= |$)/g, '<age>').replace(/ +/g, ' '));
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

describe('kubectl', () => {
  let served: ServedCluster;
  let simulated: KubectlHome;
  let real: KubectlHome;

  beforeAll(async () => {
    const { adminKubeconfig } = await sharedControlPlane();
    served = await ServedCluster.start({ access: { nobody: [] } });
    simulated = { kubeconfig: served.kubeconfigOf('admin'), dir: `${served.dir}/simulated` };
    real = { kubeconfig: adminKubeconfig, dir: `${served.dir}/real` };
    await Promise.all([simulated, real].map(async ({ kubeconfig }) => fill(kubeconfig)));
  });
  afterAll(async () => {
    await runKubectl(real, ['delete', 'namespace', NS, '--wait=false']);
    await served.stop();
  });

  describe.each(KUBECTL_ROWS.map(({ form, commands }) => [form, commands] as const))(
    '%s',
    (_, commands) => {
      it.each(commands)('prints the same for both servers: %s', async (command) => {
        const args = command.replace('! ', '').replaceAll('NS', NS).split(' ');

        const [ours, theirs] = await Promise.all([
          runKubectl(simulated, args),
          runKubectl(real, args),
        ]);

        expect(theirs.code === 0).toBe(!command.startsWith('! '));
        expect(plain(ours)).toEqual(plain(theirs));
      });
    },
  );

  it(`follows changes: ${WATCHING}`, async () => {
    const [ours, theirs] = await Promise.all([follow(simulated), follow(real)]);

    expect(ours).toEqual(theirs);
    const events = ['EVENT', 'ADDED', 'MODIFIED', 'DELETED'];
    expect(ours.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    await eventually(
      { what: 'the end of the watch', limitMs: 5_000 },
      () => served.simulator.openWatches.length === 0,
    );
  });

  it.each(['get secrets', 'delete secret pull', 'auth can-i list secrets'])(
    'is refused with the same words if its user lacks the permission: %s',
    async (command) => {
      const account = { namespace: NS, serviceAccount: 'default' };
      const kubeconfig = await (await sharedControlPlane()).kubeconfigFor(account);
      const nobody = { kubeconfig: served.kubeconfigOf('nobody'), dir: `${served.dir}/nobody` };
      const args = [...command.split(' '), '-n', NS];

      const ours = await runKubectl(nobody, args);
      const theirs = await runKubectl({ kubeconfig, dir: `${served.dir}/tenant` }, args);

      const stderr = theirs.stderr.replace(`system:serviceaccount:${NS}:default`, 'nobody');
      expect(plain(ours)).toEqual(plain({ ...theirs, stderr }));
      expect(ours.code).toBe(1);
    },
  );

  it('reports an unknown token', async () => {
    const stranger = { kubeconfig: served.kubeconfigOf('stranger'), dir: `${served.dir}/stranger` };

    const { code, stderr } = await runKubectl(stranger, ['get', 'secrets']);

    expect(code).toBe(1);
    expect(stderr).toContain('You must be logged in to the server');
  });

  it('reports what the simulator does not support, and changes nothing', async () => {
    const before = served.simulator.revision;
    const command = ['patch', 'serviceaccount', 'default', '-n', 'default', '-p', '{"a":1}'];

    const { code, stderr } = await runKubectl(simulated, command);

    expect(served.simulator.revision).toBe(before);
    expect([code, stderr]).toEqual([1, expect.stringContaining('unknown format')]);
  });
});

/** Creates, labels and deletes a Pod while kubectl watches; returns what kubectl prints about it. */
async function follow(home: KubectlHome): Promise<readonly string[]> {
  const args = ['get', 'pods', '-n', NS, '-w', '--output-watch-events'];
  const child = spawn('kubectl', args, { env: environmentOf(home) });
  const ended = once(child, 'close');
  const output = collectLines(child.stdout);
  await eventually({ what: 'the first row', limitMs: 10_000 }, () => output.lines.length > 1);
  for (const [command, event] of [
    ['run followed --image=example.io/app:1', 'ADDED'],
    ['label pod followed a=b', 'MODIFIED'],
    ['delete pod followed', 'DELETED'],
  ] as const) {
    await runKubectl(home, [...command.split(' '), '-n', NS]);
    await eventually({ what: command, limitMs: 10_000 }, () =>
      output.lines.some((line) => line.startsWith(event) && line.includes('followed')),
    );
  }
  child.kill();
  await ended;
  return plain({ code: 0, stdout: output.lines.join('\n'), stderr: '' }).stdout;
}
