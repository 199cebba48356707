import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AwsCredentials } from '../../../../src/aws/network/aws-connection.ts';
import { cacheCredentials } from '../../../../src/aws/credentials/cache-credentials.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { failureOf } from '../../../support/suite/failure-of.ts';

const HOUR_MS = 3_600_000;

describe('cached credentials', () => {
  let clock: VirtualClock;
  let calls: number;
  let lifeMs: number | undefined;
  let fault: Error | undefined;
  let read: () => Promise<AwsCredentials>;

  beforeEach(() => {
    clock = new VirtualClock();
    calls = 0;
    lifeMs = HOUR_MS;
    fault = undefined;
    read = cacheCredentials(async () => {
      calls += 1;
      if (fault !== undefined) throw fault;
      const expiration =
        lifeMs === undefined ? {} : { expiration: new Date(clock.now().getTime() + lifeMs) };
      return { accessKeyId: `key-${calls}`, secretAccessKey: 'secret', ...expiration };
    }, clock);
  });

  it('are asked for once by all concurrent callers', async () => {
    const all = await Promise.all([read(), read(), read()]);

    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(Array(3).fill('key-1'));
  });

  it('are asked for again five minutes before they expire', async () => {
    await read();
    await clock.advance(HOUR_MS - 300_001);
    expect((await read()).accessKeyId).toBe('key-1');
    await clock.advance(1);

    expect((await read()).accessKeyId).toBe('key-2');
  });

  it('are kept for ever if they do not expire', async () => {
    lifeMs = undefined;
    await read();
    await clock.advance(1_000 * HOUR_MS);

    expect((await read()).accessKeyId).toBe('key-1');
  });

  it('are kept for one call if they seem to have expired before they arrived', async () => {
    lifeMs = -HOUR_MS;
    await read();
    await clock.advance(59_999);
    expect((await read()).accessKeyId).toBe('key-1');
    await clock.advance(1);

    expect((await read()).accessKeyId).toBe('key-2');
  });

  it('are asked for again after a failure', async () => {
    fault = new Error('busy');
    expect(await failureOf(read())).toBe(fault);
    fault = undefined;

    expect((await read()).accessKeyId).toBe('key-2');
  });
});
