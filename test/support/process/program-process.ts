/** Runs a command of the program as a child process to its end. */
import { fileURLToPath } from 'node:url';
import type { Check } from '../../../src/doctor/check.ts';
import { spawnGuarded } from './guarded-child.ts';
import { programEnvironment } from './program-environment.ts';

/** The output of `npm run build`. */
export const BUILT = fileURLToPath(new URL('../../../dist/main.mjs', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface ProgramRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `args`: the command and its flags. */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  program = SOURCE,
): Promise<ProgramRun> {
  const command = [process.execPath, '--no-warnings', program, ...args];
  const { stdout, stderr, exited } = spawnGuarded(command, programEnvironment(env));
  const code = await exited;
  return { code, output: stdout.lines.join('\n'), errors: stderr.lines.join('\n') };
}

export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  program?: string,
): Promise<ProgramRun> {
  return runProgram(['doctor', ...args], env, program);
}

/** The parsed output of `doctor -o json`. */
export function foundBy({ output }: ProgramRun): {
  readonly checks: readonly (Check & { readonly fix?: string })[];
  readonly failed: number;
} {
  return JSON.parse(output) as ReturnType<typeof foundBy>;
}
