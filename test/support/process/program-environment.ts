/** What a program of ours gets that a test starts: nothing of the machine's own, and what makes its start cheaper. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Some twenty tests start the program from its source: Node keeps what it has compiled, by content. */
const COMPILE_CACHE = join(tmpdir(), 'ecr-pull-secrets-compile-cache');

export function programEnvironment(
  variables: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...variables,
  };
}
