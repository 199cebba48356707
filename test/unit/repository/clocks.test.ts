/** What lasts is measured by monotonic time: somebody may set the wall clock. Each file that calculates with it has a reason. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const SOURCE = join(import.meta.dirname, '../../../src');
/** `clock.now()` as a number. */
const CALCULATES = /\bnow\(\)\.getTime\(\)/;

const REASONS: Readonly<Record<string, string>> = {
  'aws/credentials/cache-credentials.ts': 'AWS dates the end of a session',
  'aws/network/server-date.ts': 'the offset of the wall clock is what it measures',
  'base/cron.ts': 'a schedule names times of day',
  'controller/election/leadership-term.ts':
    'also by the wall clock, because monotonic time stops while a machine is suspended',
  'controller/queue/work-queue.ts':
    'due times are those of tokens; a clock that was set makes every key due',
  'telemetry/metrics/controller-metrics.ts': 'a metric with a timestamp',
};

it('calculates with the wall clock only for a reason', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  const found = files.filter(
    (file) => file.endsWith('.ts') && CALCULATES.test(readFileSync(join(SOURCE, file), 'utf8')),
  );

  expect(found.sort()).toEqual(Object.keys(REASONS).sort());
});
