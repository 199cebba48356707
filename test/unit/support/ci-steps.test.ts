/** The steps of continuous integration always end with a table and a machine-readable line. */
import { describe, expect, it } from '@jest/globals';
import { isAlive } from '../../support/control-plane/guarded-process.ts';
import { spawnGuarded } from '../../support/process/guarded-child.ts';
import { eventually } from '../../support/suite/eventually.ts';

const ADD = (passed: number, failed: number) => `sh -c 'echo ${passed} ${failed} >> $TEST_TALLY'`;

describe('steps', () => {
  it('are listed with their seconds, and the last line counts all tests', async () => {
    const { code, lines } = await run(`step one 1 ${ADD(5, 0)}\nstep two 1 ${ADD(7, 0)}`);

    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '12 passed, 0 failed' });
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ +\d+ s {2}one +passed$/),
        expect.stringMatching(/^ +\d+ s {2}two +passed$/),
        expect.stringMatching(/^ +\d+ s {2}in total$/),
      ]),
    );
  });

  it.each([
    { tests: ADD(7, 0), last: '7 passed, 1 failed' },
    { tests: ADD(5, 2), last: '5 passed, 2 failed' },
  ])('end with the first failure, which counts as at least one test: $last', async (example) => {
    const { code, lines } = await run(
      `step one 1 ${example.tests}\nstep two 1 sh -c 'exit 3'\nstep three 1 true`,
    );

    expect({ code, last: lines.at(-1) }).toEqual({ code: 3, last: example.last });
    expect(lines).toContainEqual(expect.stringMatching(/ two +FAILED with exit code 3$/));
    expect(lines).not.toContainEqual(expect.stringMatching(/ three /));
  });

  it('are killed with all their child processes when they take too long', async () => {
    const { code, lines } = await run(`step stuck 0.01 sh -c 'sleep 1000 & echo started $!; wait'`);

    expect({ code, last: lines.at(-1) }).toEqual({ code: 124, last: '0 passed, 1 failed' });
    expect(lines).toContainEqual(
      expect.stringMatching(/ stuck +FAILED: not finished after 0.01 minutes$/),
    );
    const pid = Number(lines.find((line) => line.startsWith('started '))?.split(' ')[1]);
    await eventually({ what: 'the step to be gone', limitMs: 5_000 }, () => !isAlive(pid));
  });

  it('are listed even if the run is stopped from outside', async () => {
    const { child, exited, stdout } = start(
      `step one 1 true\nstep two 1 sh -c 'echo started; sleep 1000'`,
    );
    await eventually({ what: 'the second step', limitMs: 10_000 }, () =>
      stdout.lines.includes('started'),
    );
    child.kill('SIGTERM');

    expect(await exited).toBe(143);
    expect(stdout.lines).toContainEqual(expect.stringMatching(/ one +passed$/));
    expect(stdout.lines).toContainEqual(expect.stringMatching(/ two +STOPPED$/));
    expect(stdout.lines.at(-1)).toBe('0 passed, 1 failed');
  });
});

async function run(
  steps: string,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const { exited, stdout } = start(steps);
  return { code: await exited, lines: stdout.lines };
}

function start(steps: string) {
  return spawnGuarded(['bash', '-c', `source .ci/steps.sh\n${steps}`], {
    PATH: process.env['PATH'],
  });
}
