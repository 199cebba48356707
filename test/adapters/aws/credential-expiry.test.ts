/** The session of a role is gone long before the token that was minted with it is written everywhere. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import type { TokenNeed } from '../../../src/controller/token-need.ts';
import { TokenStore } from '../../../src/controller/token-store.ts';
import { SimulatedAws } from '../../../src/simulator/aws/simulated-aws.ts';
import { HASTY, identityWith } from '../../support/aws/aws-world.ts';
import { CANARY } from '../../support/canary.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const need: TokenNeed = {
  identity: identityWith({ kind: 'instanceProfile' }, [
    { roleArn: 'arn:aws:iam::222222222222:role/first' },
  ]),
  profile: 'team-a',
  jitter: 0.5,
  refresh: { atLifetimeFraction: 0.5, jitterFraction: 0.1 },
  notBefore: undefined,
  holdsLiveToken: false,
};

describe('credentials that expire', () => {
  let clock: FakeClock;
  let aws: SimulatedAws;
  let minter: EcrTokenMinter;
  let store: TokenStore;
  let results: string[];

  beforeEach(() => {
    clock = new FakeClock();
    aws = new SimulatedAws({ clock, marker: CANARY });
    results = [];
    minter = new EcrTokenMinter({
      clock,
      environment: {},
      timeouts: HASTY,
      wire: aws.wire(),
      credentials: { accessKeyId: 'AKIAGIVEN', secretAccessKey: 'secret' },
    });
    store = new TokenStore({
      minter,
      clock,
      random: () => 0.5,
      log: silent,
      measurements: { tokenRequested: (_profile, result) => results.push(result) },
    });
  });
  afterEach(() => {
    store.stop();
    minter.close();
  });

  it('between the mint and a write leave the token good, and nobody is asked again', async () => {
    const token = await store.obtain(need, never);
    await clock.advance(HOUR_MS);
    const later = await store.obtain(need, never);

    expect(later).toBe(token);
    expect(aws.isLive(1, clock.now())).toBe(true);
    expect(aws.calls.map(({ action }) => action)).toEqual(['AssumeRole', 'GetAuthorizationToken']);
  });

  it('are renewed before the next mint, which AWS does not have to refuse first', async () => {
    const token = await store.obtain(need, never);
    await clock.advance(7 * HOUR_MS);
    await store.obtain({ ...need, notBefore: token.mintedAt, holdsLiveToken: true }, never);

    expect(aws.calls.map(({ action, accessKeyId }) => `${action} ${accessKeyId}`)).toEqual([
      'AssumeRole AKIAGIVEN',
      'GetAuthorizationToken ASIAFAKE000000000001',
      'AssumeRole AKIAGIVEN',
      'GetAuthorizationToken ASIAFAKE000000000002',
    ]);
    expect(aws.calls.map(({ mode }) => mode)).toEqual(Array(4).fill('ok'));
    expect(results).toEqual(['success', 'success']);
  });

  it('are remembered for the attempt that follows a failure of ECR', async () => {
    aws.ecrMode = { kind: 'throttle' };
    await store.obtain(need, never).catch(() => undefined);
    aws.ecrMode = { kind: 'ok' };
    await clock.advance(60_000);
    await store.obtain(need, never);

    expect(aws.calls.filter(({ service }) => service === 'sts')).toHaveLength(1);
    expect(results).toEqual(['throttled', 'success']);
  });
});
