/** `doctor`: looks at everything that `run` needs, and says of what is not well how to fix it. */
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
];

/** `exitWith` hears the exit code once all is told. */
export function addDoctorCommand(program: Command, exitWith: (code: number) => void): void {
  const command = program
    .command('doctor')
    .description('check configuration, API server, rights and AWS, and say how to fix what fails');
  for (const option of doctorOptions()) command.addOption(option);
  command.action(async (flags: Flags) => exitWith(await doctor(flags)));
}

/**
 * Those of `run` that say what is looked at, and how it is told.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export function doctorOptions(): readonly Option[] {
  return [
    ...runOptions().filter(({ long }) => SHARED.includes(long ?? '')),
    new Option('-o, --output <format>', 'for people or for programs')
      .choices(['text', 'json'])
      .default('text'),
  ];
}

/** 1 where a check has failed; 130, as shells tell it, after Ctrl-C. */
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
