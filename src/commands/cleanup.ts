/** `cleanup`: removes everything that an installation created, after making sure that nobody puts it back. */
import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { thisMachine } from '../platform/platform.ts';
import { renderReport, renderReportJson } from '../cleanup/render-report.ts';
import { exitCodeOf } from '../cleanup/report.ts';
import { type CleanupOptions, resumeController, runCleanup } from '../cleanup/run-cleanup.ts';
import { parseDurationMs } from '../config/duration.ts';
import { ControllerError, renderError } from '../domain/errors.ts';
import { runOptions } from './run.ts';
import { stopSignal } from './stop-signal.ts';
import { version } from '../platform/version.ts';

interface Flags extends Omit<
  CleanupOptions,
  'version' | 'timeoutMs' | 'yes' | 'orphanedReferences'
> {
  readonly timeout: number;
  readonly yes?: boolean;
  readonly orphanedReferences?: boolean;
  readonly resume?: boolean;
  readonly output: 'text' | 'json';
}

const SHARED = ['--config', '--kubeconfig', '--context', '--instance', '--namespace'];
const DEFAULT_TIMEOUT = '10m';
const INTERRUPTED = 130;

/** `exitWith` receives the exit code once everything is printed. */
export function addCleanupCommand(program: Command, exitWith: (code: number) => void): void {
  const command = program
    .command('cleanup')
    .description('pause the controller, and delete every Secret and reference that it created');
  for (const option of cleanupOptions()) command.addOption(option);
  command.action(async (flags: Flags) => exitWith(await cleanup(flags)));
}

/**
 * The options of `run` that say what to clean up, and its own.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export function cleanupOptions(): readonly Option[] {
  return [
    ...runOptions().filter(({ long }) => SHARED.includes(long ?? '')),
    new Option('--yes', 'do it; without this flag, only show what would be done'),
    new Option(
      '--orphaned-references',
      'also remove references from ServiceAccounts to our Secret where there is none, whoever added them',
    ),
    new Option(
      '--resume',
      'only remove the pause annotation from the Lease, so that the controller resumes',
    ).conflicts(['yes', 'orphanedReferences']),
    new Option('--timeout <duration>', 'how long the cleanup may take, such as 30s or 10m')
      .default(parseTimeout(DEFAULT_TIMEOUT), DEFAULT_TIMEOUT)
      .argParser(parseTimeout),
    new Option('-o, --output <format>', 'output for people or for programs')
      .choices(['text', 'json'])
      .default('text'),
  ];
}

async function cleanup(flags: Flags): Promise<number> {
  const stop = stopSignal();
  try {
    return await (flags.resume === true ? resume(flags, stop.signal) : clean(flags, stop.signal));
  } catch (error) {
    if (stop.signal.aborted) return INTERRUPTED;
    if (!(error instanceof ControllerError)) throw error;
    process.stderr.write(`ecr-pull-secrets: ${renderError(error)}\n`);
    return 1;
  } finally {
    stop.forget();
  }
}

async function clean(flags: Flags, stop: AbortSignal): Promise<number> {
  const report = await runCleanup(optionsOf(flags), {
    platform: thisMachine(process.env),
    stop,
    who: hostname(),
    print: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(flags.output === 'json' ? renderReportJson(report) : renderReport(report));
  return exitCodeOf(report);
}

async function resume(flags: Flags, stop: AbortSignal): Promise<number> {
  await resumeController(optionsOf(flags), { platform: thisMachine(process.env), stop });
  process.stdout.write(
    'removed the pause annotation from the Lease: the controller resumes within seconds\n',
  );
  return 0;
}

function optionsOf(flags: Flags): CleanupOptions {
  const { timeout: timeoutMs, yes = false, orphanedReferences = false, ...options } = flags;
  return { ...options, version: version(), timeoutMs, yes, orphanedReferences };
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDurationMs(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError('Allowed values are durations such as 30s, 10m or 1h30m.');
}
