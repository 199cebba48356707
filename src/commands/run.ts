/** `run`: what the Deployment runs. Works until it is asked to stop. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AppOptions, startApp } from '../app/app.ts';
import { thisMachine } from '../platform/platform.ts';
import { renderError } from '../domain/errors.ts';
import { stopSignal } from './stop-signal.ts';
import { version } from '../platform/version.ts';

/** The prefix of all our environment variables. */
export const ENVIRONMENT_PREFIX = 'ECR_PULL_SECRETS_';
const INSTANCE = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

interface Flags {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly listen: string;
  readonly instance: string;
  readonly leaderElect?: boolean;
  readonly namespace?: string;
  readonly guard?: NonNullable<AppOptions['guard']>;
  readonly logLevel: AppOptions['logLevel'];
  readonly logFormat: AppOptions['logFormat'];
}

/** `exitWith` receives the exit code once the controller has stopped. */
export function addRunCommand(program: Command, exitWith: (code: number) => void): void {
  const command = program
    .command('run')
    .description('run the controller until it is asked to stop');
  for (const option of runOptions()) command.addOption(option);
  command.action(async (flags: Flags) => exitWith(await run(flags)));
}

/** Every flag has an environment variable: the flag's name after `ECR_PULL_SECRETS_`. */
export function runOptions(): readonly Option[] {
  const option = (flags: string, description: string, name: string): Option =>
    new Option(flags, description).env(`${ENVIRONMENT_PREFIX}${name}`);
  return [
    option('--config <file>', 'configuration file (default: none)', 'CONFIG'),
    option(
      '--kubeconfig <file>',
      'how to reach the API server (default: the cluster that it runs in, else KUBECONFIG, else ~/.kube/config)',
      'KUBECONFIG',
    ),
    option('--context <name>', 'context of the kubeconfig (default: the current one)', 'CONTEXT'),
    option('--listen <[host]:port>', 'where health and metrics are served', 'LISTEN').default(
      ':8080',
    ),
    option('--instance <name>', 'which installation this is', 'INSTANCE')
      .default('default')
      .argParser(parseInstance),
    option(
      '--leader-elect <true|false>',
      'whether replicas elect a leader (default: true in a cluster, unless a kubeconfig or context is named)',
      'LEADER_ELECT',
    ).argParser(parseBoolean),
    option(
      '--namespace <name>',
      "namespace of the Lease for leader election (default: the Pod's own)",
      'NAMESPACE',
    ),
    option(
      '--guard <expected|off>',
      'whether the guard policies must be in effect, so that a missing one is reported (default: off)',
      'GUARD',
    ).choices(['expected', 'off']),
    option('--log-level <level>', 'how much is logged', 'LOG_LEVEL')
      .choices(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info'),
    option('--log-format <format>', 'logs for machines or for people', 'LOG_FORMAT')
      .choices(['json', 'pretty'])
      .default('json'),
  ];
}

/** 0 after a requested stop; 1 for a failure that waiting would not fix. */
async function run(flags: Flags): Promise<number> {
  const stop = stopSignal();
  try {
    const app = await startApp({ ...flags, version: version() }, thisMachine(process.env));
    await stop.asked;
    await app.stop();
    return 0;
  } catch (error) {
    return fail(renderError(error));
  } finally {
    stop.forget();
  }
}

function fail(message: string): number {
  process.stderr.write(`ecr-pull-secrets: ${message}\n`);
  return 1;
}

function parseInstance(value: string): string {
  if (INSTANCE.test(value)) return value;
  throw new InvalidArgumentError(
    'It must have up to 40 characters of a-z, 0-9 and -, with no - at either end.',
  );
}

function parseBoolean(value: string): boolean {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new InvalidArgumentError('Allowed values are true and false.');
}
