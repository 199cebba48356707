/** A suite that test/unit/support/end-of-run.test.ts runs: its set-up fails and leaves open what LEAVES names. */
import { createServer } from 'node:http';
import { beforeAll, it } from '@jest/globals';
import { spawnGuarded } from '../process/guarded-child.ts';

beforeAll(() => {
  if (process.env['LEAVES'] === 'server') createServer().listen(0, '127.0.0.1');
  const { child } = spawnGuarded(['sleep', '1000'], process.env);
  process.stderr.write(`\nstarted ${child.pid}\n`);
  throw new Error('the set-up fails');
});

it('is not reached', () => undefined);
