/** `doctor` as a program: its exit codes, and what it does when it is interrupted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { renderKubeconfig } from '../../../simulator/http/kubeconfig.ts';
import { CANARY, holdsCanary } from '../../support/suite/canary.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { CommandLines } from '../../support/process/command-lines.ts';
import { foundBy } from '../../support/process/program-process.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { spawnGuarded } from '../../support/process/guarded-child.ts';
import { OUR_USER } from '../../support/cluster/install.ts';
import { programEnvironment } from '../../support/process/program-environment.ts';
import { PROXY_PASSWORD, ProxiedAws } from '../../support/aws/proxied-aws.ts';
import { guard } from '../../support/simulated/guarded.ts';
import { ServedCluster } from '../../support/simulated/served-cluster.ts';
import { OUR_RULES } from '../../support/simulated/simulated-world.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const SUFFIX = 'eu-west-1.amazonaws.com:443';

describe('doctor', () => {
  let lines: CommandLines;
  let aws: ProxiedAws;
  let dir: string;
  beforeAll(() => {
    lines = new CommandLines();
  });
  closeAfterAll(() => [lines]);
  beforeEach(async () => {
    aws = await ProxiedAws.start();
    dir = mkdtempSync(join(tmpdir(), 'doctor-'));
  });
  afterEach(async () => {
    await aws.stop();
    rmSync(dir, { recursive: true });
  });

  it('exits with 0 if nothing has failed, and shows no secret', async () => {
    const cluster = await ServedCluster.start({ access: { [OUR_USER]: OUR_RULES } });
    guard(cluster.simulator);
    const flags = ['--kubeconfig', cluster.kubeconfigOf(OUR_USER)];

    const { code, output, errors } = await lines.run(['doctor', ...flags], aws.environment);

    await cluster.stop();
    expect(output).toMatch(/^ok {7}configuration defaults: valid/);
    expect(output).toMatch(/\n\d+ ok.*, 0 failed/);
    expect(output).toContain('skipped  permissions patch leases/ecr-pull-secrets: not checked');
    expect([code, errors]).toEqual([0, '']);
    expect(holdsCanary(output) || output.includes(PROXY_PASSWORD)).toBe(false);
    expect(output).toContain(`ok       registry ${HOST}: accepts the token`);
    expect(output).not.toContain('WARNING');
    expect(aws.tokensMinted).toBe(1);
    expect(new Set(aws.tunnels)).toEqual(
      new Set(['api.ecr', 'sts', '123456789012.dkr.ecr'].map((name) => `${name}.${SUFFIX}`)),
    );
  });

  it('checks every permission in each of many namespaces, though its budget makes it wait', async () => {
    const only = ['a', 'b', 'c', 'd', 'e', 'f'];
    const cluster = await ServedCluster.start({ access: { [OUR_USER]: OUR_RULES } });
    const config = join(dir, 'config.yaml');
    writeFileSync(config, JSON.stringify({ namespaces: { only } }));
    const flags = ['-o', 'json', '--kubeconfig', cluster.kubeconfigOf(OUR_USER)];

    const run = await lines.run(['doctor', ...flags, '--config', config], aws.environment);

    await cluster.stop();
    const allowed = foundBy(run).checks.filter(
      ({ message }) => message === `allowed in ${only.length} namespaces`,
    );
    expect(allowed.length).toBeGreaterThan(10);
  });

  it('fails on a proxy with which `run` would not start, and does not show its URL', async () => {
    const variables = { ...aws.environment, HTTPS_PROXY: `socks://jane:${PROXY_PASSWORD}@a` };

    const run = await lines.run(
      ['doctor', '-o', 'json', '--kubeconfig', join(dir, 'nowhere')],
      variables,
    );

    expect(foundBy(run).checks.filter(({ name }) => name === 'network')).toContainEqual({
      name: 'network',
      subject: '',
      status: 'failed',
      message: 'HTTPS_PROXY is not the URL of a proxy',
      fix: expect.stringContaining('http://host:port'),
    });
    expect(run.output).not.toContain(PROXY_PASSWORD);
    expect([run.code, aws.calls.length]).toEqual([1, 0]);
  });

  it('exits with 1 if something has failed, and prints valid JSON', async () => {
    const variables = { ...aws.environment, ECR_PULL_SECRETS_KUBECONFIG: join(dir, 'nowhere') };

    const run = await lines.run(['doctor', '--output', 'json'], variables);

    const { checks, failed } = foundBy(run);
    expect(checks.filter(({ status }) => status === 'failed')).toMatchObject([
      { name: 'api-server', message: expect.stringContaining('nowhere') },
    ]);
    expect([failed, run.code, run.errors]).toEqual([1, 1, '']);
  });

  it('exits with 130 when it is interrupted while it waits', async () => {
    const { server, port, hasCaller } = await silentServer();
    const kubeconfig = join(dir, 'kubeconfig');
    const parts = { server: `http://127.0.0.1:${port}`, caPem: '', token: CANARY };
    writeFileSync(kubeconfig, renderKubeconfig(parts));
    const command = [process.execPath, '--no-warnings', 'src/main.ts', 'doctor'];
    const env = programEnvironment({ ...aws.environment, ECR_PULL_SECRETS_KUBECONFIG: kubeconfig });
    const { child, exited, stderr } = spawnGuarded(command, env);
    await eventually({ what: 'a request', limitMs: 20_000 }, hasCaller);

    child.kill('SIGINT');

    expect(await exited).toBe(130);
    expect(stderr.lines).toEqual([]);
    server.close();
  });
});

/** Accepts connections and never answers. */
async function silentServer(): Promise<{
  readonly server: Server;
  readonly port: number;
  readonly hasCaller: () => boolean;
}> {
  let callers = 0;
  const server = createServer((socket) => {
    callers += 1;
    socket.on('error', () => socket.destroy()).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, hasCaller: () => callers > 0 };
}
