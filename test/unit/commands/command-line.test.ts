import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runOptions } from '../../../src/commands/run.ts';
import { CommandLines } from '../../support/process/command-lines.ts';
import { runProgram } from '../../support/process/program-process.ts';

describe('the program', () => {
  it('exits with the code of its command line, and prints nothing else', async () => {
    expect(await runProgram(['run', '--kubeconfig', '/nowhere/kubeconfig'], {})).toEqual({
      code: 1,
      output: '',
      errors: expect.stringMatching(
        /^ecr-pull-secrets: .*\/nowhere\/kubeconfig.*; pass a readable one with --kubeconfig$/,
      ),
    });
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
    'prints its help: %s %s',
    async (...args) => {
      const { code, output, errors } = await lines.run(args);
      expect(output).toMatch(/^Usage: ecr-pull-secrets/);
      expect([code, errors]).toEqual([0, '']);
    },
  );

  it.each(['version', '--version'])('prints its version: %s', async (argument) => {
    expect(await lines.run([argument])).toEqual({ code: 0, output: 'dev\n', errors: '' });
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['run', '--nonsense'], "unknown option '--nonsense'"],
    [['run', '--log-level', 'loud'], 'Allowed choices are trace, debug, info, warn, error'],
    [['run', '--leader-elect', 'maybe'], 'Allowed values are true and false'],
    [['cleanup', '--timeout', 'soon'], 'Allowed values are durations such as 30s, 10m or 1h30m'],
    [['cleanup', '--yes', '--resume'], "option '--resume' cannot be used with option '--yes'"],
    [
      ['cleanup', '--resume', '--orphaned-references'],
      "option '--resume' cannot be used with option '--orphaned-references'",
    ],
    [
      ['cleanup', '--kubeconfig', '/nowhere/kubeconfig'],
      'finding the Lease: the namespace of the controller is unknown; pass it with --namespace',
    ],
    [['doctor', '-o', 'yaml'], 'Allowed choices are text, json'],
    [['run', '--instance', 'Not_A_Name'], 'It must have up to 40 characters of a-z, 0-9 and -'],
    [['run', '--config', '/nowhere/config.yaml'], '/nowhere/config.yaml'],
    [['run', '--kubeconfig', '/nowhere/kubeconfig'], '/nowhere/kubeconfig'],
    [['demo', '--onze'], "unknown option '--onze'"],
    [['demo', '--aws-endpoint', 'http://127.0.0.1:9'], 'name it with --kubeconfig or --context'],
  ])('refuses %j, and names the fault', async (args, fault) => {
    const { code, errors } = await lines.run(args, { AWS_REGION: 'eu-west-1' });
    expect(errors).toContain(fault);
    expect(code).toBe(1);
    // No stack: it is not a bug of the program.
    expect(errors).not.toMatch(/^ +at /m);
  });

  it('treats an empty environment variable as one that is not set', async () => {
    const variables = { ECR_PULL_SECRETS_LOG_LEVEL: '', ECR_PULL_SECRETS_CONFIG: '' };
    const { errors } = await lines.run(['run', '--kubeconfig', '/nowhere/kubeconfig'], variables);
    expect(errors).toContain('/nowhere/kubeconfig');
  });

  it('shows the commands if none is given', async () => {
    const { code, errors } = await lines.run([]);
    expect(errors).toMatch(/^Usage: ecr-pull-secrets/);
    expect(code).toBe(1);
  });

  it('refuses a bad value of an environment variable by its name', async () => {
    const { code, errors } = await lines.run(['run'], { ECR_PULL_SECRETS_LEADER_ELECT: 'maybe' });
    expect(errors).toContain('ECR_PULL_SECRETS_LEADER_ELECT');
    expect(code).toBe(1);
  });
});

describe('the options of run', () => {
  it('each have their environment variable', () => {
    const names = runOptions().map(({ long, envVar }) => `${long} ${envVar}`);
    expect(names).toEqual([
      '--config ECR_PULL_SECRETS_CONFIG',
      '--kubeconfig ECR_PULL_SECRETS_KUBECONFIG',
      '--context ECR_PULL_SECRETS_CONTEXT',
      '--listen ECR_PULL_SECRETS_LISTEN',
      '--instance ECR_PULL_SECRETS_INSTANCE',
      '--leader-elect ECR_PULL_SECRETS_LEADER_ELECT',
      '--namespace ECR_PULL_SECRETS_NAMESPACE',
      '--guard ECR_PULL_SECRETS_GUARD',
      '--log-level ECR_PULL_SECRETS_LOG_LEVEL',
      '--log-format ECR_PULL_SECRETS_LOG_FORMAT',
    ]);
  });

  it('have the documented defaults', () => {
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
