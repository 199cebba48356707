/**
 * Whole worlds on one virtual clock, each from one seed: `npm run fuzz` with a few seeds. It runs in plain processes,
 * in which a seed takes two thirds of the time that it takes inside jest, and one per core.
 */
import { describe, expect, it } from '@jest/globals';
import { spawnGuarded } from '../../support/process/guarded-child.ts';
import { programEnvironment } from '../../support/process/program-environment.ts';
import { share } from '../../support/suite/share.ts';

const [FROM, SEEDS] = share([1, 32], [33, 168]);

describe('simulated worlds', () => {
  it(`keep every promise, for ${SEEDS} seeds`, async () => {
    const { exited, stdout, stderr } = spawnGuarded(
      [
        process.execPath,
        '--max-semi-space-size=64',
        'test/simulated/worlds/fuzz.ts',
        '--from',
        String(FROM),
        '--seeds',
        String(SEEDS),
      ],
      programEnvironment(),
    );
    const code = await exited;

    // Each violation comes with the command that repeats it.
    expect(stdout.lines.filter((line) => / seeds, \d+ with violations/.test(line)).at(-1)).toMatch(
      `${SEEDS} seeds, 0 with violations`,
    );
    expect({
      code,
      found: stdout.lines.filter((line) => /^seed |npm run fuzz/.test(line)),
    }).toEqual({ code: 0, found: [] });
    expect(stderr.lines).toEqual([]);
  }, 300_000);
});
