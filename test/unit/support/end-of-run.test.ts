/** A run whose set-up fails ends with a failing exit code, and leaves nothing that it started. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { isAlive } from '../../support/control-plane/guarded-process.ts';
import { spawnGuarded } from '../../support/process/guarded-child.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SUITE = 'test/support/jest/failing-set-up.ts';
const END_OF_RUN = '<rootDir>/test/support/jest/end-of-run.ts';

interface Run {
  readonly code: number | null;
  readonly output: string;
}

describe('a run of tests whose set-up fails', () => {
  it.each([
    { leaves: 'a program', reporters: ['default'] },
    { leaves: 'server', reporters: ['default', [END_OF_RUN, { graceMs: 100 }]] },
  ])('ends and leaves nothing: $leaves', async ({ leaves, reporters }) => {
    const { code, output } = await runJest(leaves, reporters);

    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('set-up fails'),
    });
    const pid = Number(/^started (\d+)$/m.exec(output)?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });
});

/** From the one suite, in the environment that all suites have. */
async function runJest(leaves: string, reporters: readonly unknown[]): Promise<Run> {
  const { default: config } = (await import(join(ROOT, 'jest.config.mjs'))) as {
    readonly default: { readonly projects: readonly object[] };
  };
  const ofSuite = { displayName: 'planted', testMatch: [`<rootDir>/${SUITE}`] };
  const run = { ...config.projects[0], ...ofSuite, rootDir: ROOT, reporters };
  const command = [
    process.execPath,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    `--config=${JSON.stringify(run)}`,
  ];
  const { exited, stderr } = spawnGuarded(command, { ...process.env, LEAVES: leaves });
  const code = await exited;
  return { code, output: stderr.lines.join('\n') };
}
