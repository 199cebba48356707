/** `cleanup`: takes everything of an installation away, after it has made sure that nobody puts it back. */
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

/** `exitWith` hears the exit code once all is told. */
export function addCleanupCommand(program: Command, exitWith: (code: number) => void): void {
  const command = program
    .command('cleanup')
    .description('pause the controller, and delete every Secret and reference that it has made');
  for (const option of cleanupOptions()) command.addOption(option);
  command.action(async (flags: Flags) => exitWith(await cleanup(flags)));
}

/**
 * Those of `run` that say what is cleaned up, and its own.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export function cleanupOptions(): readonly Option[] {
  return [
    ...runOptions().filter(({ long }) => SHARED.includes(long ?? '')),
    new Option('--yes', 'do it; without it the command says what it would do'),
    new Option(
      '--orphaned-references',
      'also take entries of our name off ServiceAccounts where there is no such Secret, whoever wrote them',
    ),
    new Option(
      '--resume',
      'take the mark off the Lease, so that the controller goes on, and do nothing else',
    ).conflicts(['yes', 'orphanedReferences']),
    new Option('--timeout <duration>', 'how long it may take, such as 30s or 10m')
      .default(parseTimeout(DEFAULT_TIMEOUT), DEFAULT_TIMEOUT)
      .argParser(parseTimeout),
    new Option('-o, --output <format>', 'for people or for programs')
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
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(flags.output === 'json' ? renderReportJson(report) : renderReport(report));
  return exitCodeOf(report);
}

async function resume(flags: Flags, stop: AbortSignal): Promise<number> {
  await resumeController(optionsOf(flags), { platform: thisMachine(process.env), stop });
  process.stdout.write('the mark is off the Lease: the controller goes on within seconds\n');
  return 0;
}

function optionsOf(flags: Flags): CleanupOptions {
  const { timeout: timeoutMs, yes = false, orphanedReferences = false, ...options } = flags;
  return { ...options, version: version(), timeoutMs, yes, orphanedReferences };
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDurationMs(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError('Allowed are durations such as 30s, 10m or 1h30m.');
}
