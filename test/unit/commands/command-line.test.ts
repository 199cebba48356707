import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runOptions } from '../../../src/commands/run.ts';
import { CommandLines, type Ending } from '../../support/command-lines.ts';
import { programEnvironment } from '../../support/program-environment.ts';

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname;

function start(args: readonly string[]): Promise<Ending> {
  const env = programEnvironment();
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('the program', () => {
  it('ends with the code of its command line, and prints nothing else', async () => {
    expect(await start(['version'])).toEqual({ code: 0, stdout: 'dev\n', stderr: '' });
    const { code, stdout, stderr } = await start(['run', '--kubeconfig', '/nowhere/kubeconfig']);
    expect(stderr).toMatch(
      /^ecr-pull-secrets: .*\/nowhere\/kubeconfig.*; name a readable one with --kubeconfig\n$/,
    );
    expect([code, stdout]).toEqual([1, '']);
  });
});

describe('the command line', () => {
  let lines: CommandLines;
  beforeAll(() => {
    lines = new CommandLines();
  });
  afterAll(async () => {
    await lines.close();
  });

  it.each([['--help'], ['run', '--help'], ['doctor', '--help'], ['cleanup', '--help']])(
    'explains itself: %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await lines.run(args);
      expect(stdout).toMatch(/^Usage: ecr-pull-secrets/);
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  it.each(['version', '--version'])('prints its version: %s', async (argument) => {
    expect(await lines.run([argument])).toEqual({ code: 0, stdout: 'dev\n', stderr: '' });
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['run', '--nonsense'], "unknown option '--nonsense'"],
    [['run', '--log-level', 'loud'], 'Allowed choices are trace, debug, info, warn, error'],
    [['run', '--leader-elect', 'maybe'], 'Allowed are true and false'],
    [['cleanup', '--timeout', 'soon'], 'Allowed are durations such as 30s, 10m or 1h30m'],
    [['cleanup', '--yes', '--resume'], "option '--resume' cannot be used with option '--yes'"],
    [
      ['cleanup', '--resume', '--stray-entries'],
      "option '--resume' cannot be used with option '--stray-entries'",
    ],
    [
      ['cleanup', '--kubeconfig', '/nowhere/kubeconfig'],
      'finding the Lease: nothing says where the controller runs; name its namespace with --namespace',
    ],
    [['doctor', '-o', 'yaml'], 'Allowed choices are text, json'],
    [['run', '--instance', 'Not_A_Name'], 'Allowed are up to 40 of a-z, 0-9 and -'],
    [['run', '--config', '/nowhere/config.yaml'], '/nowhere/config.yaml'],
    [['run', '--kubeconfig', '/nowhere/kubeconfig'], '/nowhere/kubeconfig'],
  ])('refuses %j, and names the fault', async (args, fault) => {
    const { code, stderr } = await lines.run(args, { AWS_REGION: 'eu-west-1' });
    expect(stderr).toContain(fault);
    expect(code).toBe(1);
    // No stack: it is no fault of the program.
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('takes an empty environment variable for one that is not set', async () => {
    const variables = { ECR_PULL_SECRETS_LOG_LEVEL: '', ECR_PULL_SECRETS_CONFIG: '' };
    const { stderr } = await lines.run(['run', '--kubeconfig', '/nowhere/kubeconfig'], variables);
    expect(stderr).toContain('/nowhere/kubeconfig');
  });

  it('shows what there is when nothing is asked for', async () => {
    const { code, stderr } = await lines.run([]);
    expect(stderr).toMatch(/^Usage: ecr-pull-secrets/);
    expect(code).toBe(1);
  });

  it('refuses a bad value of an environment variable by its name', async () => {
    const { code, stderr } = await lines.run(['run'], { ECR_PULL_SECRETS_LEADER_ELECT: 'maybe' });
    expect(stderr).toContain('ECR_PULL_SECRETS_LEADER_ELECT');
    expect(code).toBe(1);
  });
});

describe('the options of run', () => {
  it('have each its environment variable', () => {
    const names = runOptions().map(({ long, envVar }) => `${long} ${envVar}`);
    expect(names).toEqual([
      '--config ECR_PULL_SECRETS_CONFIG',
      '--kubeconfig ECR_PULL_SECRETS_KUBECONFIG',
      '--context ECR_PULL_SECRETS_CONTEXT',
      '--listen ECR_PULL_SECRETS_LISTEN',
      '--instance ECR_PULL_SECRETS_INSTANCE',
      '--leader-elect ECR_PULL_SECRETS_LEADER_ELECT',
      '--namespace ECR_PULL_SECRETS_NAMESPACE',
      '--log-level ECR_PULL_SECRETS_LOG_LEVEL',
      '--log-format ECR_PULL_SECRETS_LOG_FORMAT',
    ]);
  });

  it('have the defaults of the contract', () => {
    const defaults = runOptions().flatMap(({ long, defaultValue }) =>
      defaultValue === undefined ? [] : [[long, defaultValue as unknown]],
    );
    expect(Object.fromEntries(defaults)).toEqual({
      '--listen': ':8080',
      '--instance': 'default',
      '--log-level': 'info',
      '--log-format': 'json',
    });
  });
});
