/** jest reporter that appends a line `PASSED FAILED` to the file named by TEST_TALLY; .ci/run sums them up. */
import { appendFileSync } from 'node:fs';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class TallyReporter {
  onRunComplete(_contexts: unknown, { numPassedTests, numFailedTests }: Results): void {
    const file = process.env['TEST_TALLY'];
    if (file !== undefined) appendFileSync(file, `${numPassedTests} ${numFailedTests}\n`);
  }
}
