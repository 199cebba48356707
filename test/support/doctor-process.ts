/** `doctor` as a child process, run to its end, and what it found. */
import type { Check } from '../../src/doctor/check.ts';
import { type ProgramRun, runProgram } from './program-process.ts';

export type DoctorRun = ProgramRun;
export { BUILT } from './program-process.ts';

export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  program?: string,
): Promise<DoctorRun> {
  return runProgram(['doctor', ...args], env, program);
}

/** What `-o json` printed. */
export function foundBy({ output }: DoctorRun): {
  readonly checks: readonly (Check & { readonly mend?: string })[];
  readonly failed: number;
} {
  return JSON.parse(output) as ReturnType<typeof foundBy>;
}
