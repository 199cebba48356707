/** `doctor`: checks everything that `run` needs, and prints how to fix what fails. */
import { type Command, Option } from 'commander';
import { thisMachine } from '../platform/platform.ts';
import { type Check, countFailed } from '../doctor/check.ts';
import { type DoctorOptions, examine } from '../doctor/examine.ts';
import { renderCheck, renderCounts, renderJson } from '../doctor/render-checks.ts';
import { runOptions } from './run.ts';
import { stopSignal } from './stop-signal.ts';
import { version } from '../platform/version.ts';

type Flags = Omit<DoctorOptions, 'version'> & { readonly output: 'text' | 'json' };

const SHARED = [
  '--config',
  '--kubeconfig',
  '--context',
  '--instance',
  '--namespace',
  '--leader-elect',
  '--guard',
];

/** `exitWith` receives the exit code once everything is printed. */
export function addDoctorCommand(program: Command, exitWith: (code: number) => void): void {
  const command = program
    .command('doctor')
    .description(
      'check configuration, API server, permissions, policies and AWS, and show how to fix what fails',
    );
  for (const option of doctorOptions()) command.addOption(option);
  command.action(async (flags: Flags) => exitWith(await doctor(flags)));
}

/**
 * The options of `run` that say what to check, and the output format.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export function doctorOptions(): readonly Option[] {
  return [
    ...runOptions().filter(({ long }) => SHARED.includes(long ?? '')),
    new Option('-o, --output <format>', 'output for people or for programs')
      .choices(['text', 'json'])
      .default('text'),
  ];
}

/** 1 if a check has failed; 130, as in shells, after Ctrl-C. */
async function doctor({ output, ...options }: Flags): Promise<number> {
  const stop = stopSignal();
  const checks: Check[] = [];
  try {
    const examination = examine(
      { ...options, version: version() },
      thisMachine(process.env),
      stop.signal,
    );
    for await (const check of examination) {
      checks.push(check);
      if (output === 'text') process.stdout.write(renderCheck(check));
    }
    process.stdout.write(output === 'text' ? renderCounts(checks) : renderJson(checks));
    return countFailed(checks) === 0 ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stop.forget();
  }
}

const INTERRUPTED = 130;
