/** The environment of our programs in tests: only PATH from the machine, and a compile cache for a cheaper start. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** About twenty tests start the program from its source: Node caches the compiled code by content. */
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
