/** Runs a tool to its end. */
import { execFile } from 'node:child_process';

export interface ToolRun {
  readonly code: number;
  /** stdout followed by stderr. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the result even if the tool fails. Rejects only if it can't be started. */
export function runTool(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ToolRun> {
  const options = {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
    maxBuffer: 64 * 2 ** 20,
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code !== 'number') reject(new Error(`running ${program}`, { cause: error }));
      else resolve({ code, stdout, stderr, output: stdout + stderr });
    });
  });
}
