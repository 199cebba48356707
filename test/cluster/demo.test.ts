import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { holdsCanary } from '../support/canary.ts';
import { collectLines } from '../support/output-lines.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function runDemo(...args: readonly string[]) {
  const child = spawn(process.execPath, ['scripts/demo.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = collectLines(child.stdout);
  const stderr = collectLines(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, told: stdout.lines.join('\n'), errors: stderr.lines.join('\n') };
}

describe('npm run demo', () => {
  it('keeps every promise and ends by itself with --once', async () => {
    const { code, told } = await runDemo('--once');

    expect(told).toMatch(/\n12 promises kept, 0 broken$/);
    expect(told).toContain('stand-in');
    expect(holdsCanary(told)).toBe(false);
    expect(code).toBe(0);
  });

  it('refuses a flag that it does not know', async () => {
    const { code, errors } = await runDemo('--onze');

    expect(code).toBe(1);
    expect(errors).toContain("Unknown option '--onze'");
  });
});
