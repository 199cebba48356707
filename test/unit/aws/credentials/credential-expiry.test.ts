/** The session of a role expires long before the token that was minted with it is written everywhere. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenStore } from '../../../../src/controller/tokens/token-store.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import type { TokenNeed } from '../../../../src/domain/token/token-need.ts';
import { identityWith } from '../../../support/aws/aws-world.ts';
import { openMinter } from '../../../support/aws/open-minter.ts';
import { aTokenNeed } from '../../../support/values/builders.ts';

const HOUR_MS = 3_600_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const identity = identityWith({ kind: 'instanceProfile' }, [
  { roleArn: 'arn:aws:iam::222222222222:role/first' },
]);
const need = aTokenNeed({ profile: 'team-a', login: { identity, hosts: [] } });

describe('credentials that expire', () => {
  let { clock, aws, minter } = openMinter();
  let store: TokenStore;
  let results: string[];

  beforeEach(() => {
    results = [];
    ({ clock, aws, minter } = openMinter());
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

  /** Once the mint has ended, if one is needed. */
  async function take(wanted: TokenNeed): Promise<RegistryToken | undefined> {
    const first = store.take(wanted);
    if (first.kind === 'minting') await first.settled;
    const answer = store.take(wanted);
    return answer.kind === 'token' ? answer.token : undefined;
  }

  it('between the mint and a write leave the token valid, and nothing is asked again', async () => {
    const token = await take(need);
    await clock.advance(HOUR_MS);
    const later = await take(need);

    expect(token).toBeDefined();
    expect(later).toBe(token);
    expect(aws.isLive(1, clock.now())).toBe(true);
    expect(aws.calls.map(({ action }) => action)).toEqual(['AssumeRole', 'GetAuthorizationToken']);
  });

  it('are renewed before the next mint, so that AWS does not have to refuse it first', async () => {
    const token = await take(need);
    await clock.advance(7 * HOUR_MS);
    await take({ ...need, notBefore: token?.mintedAt, holdsLiveToken: true });

    expect(aws.calls.map(({ action, accessKeyId }) => `${action} ${accessKeyId}`)).toEqual([
      'AssumeRole AKIAGIVEN',
      'GetAuthorizationToken ASIAFAKE000000000001',
      'AssumeRole AKIAGIVEN',
      'GetAuthorizationToken ASIAFAKE000000000002',
    ]);
    expect(aws.calls.map(({ mode }) => mode)).toEqual(Array(4).fill('ok'));
    expect(results).toEqual(['success', 'success']);
  });

  it('are cached for the attempt after a failure of ECR', async () => {
    aws.ecrMode = { kind: 'throttle' };
    expect(await take(need)).toBeUndefined();
    aws.ecrMode = { kind: 'ok' };
    await clock.advance(60_000);
    expect(await take(need)).toBeDefined();

    expect(aws.calls.filter(({ service }) => service === 'sts')).toHaveLength(1);
    expect(results).toEqual(['throttled', 'success']);
  });
});
