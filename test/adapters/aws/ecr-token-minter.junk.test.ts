/** The real SDK against our fake AWS: every kind of junk, and every expiry that can't be believed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import { useAwsEnvironment } from '../../support/aws-environment.ts';
import { CANARY } from '../../support/canary.ts';
import { FakeAws } from '../../support/fake-aws.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { JUNK_KINDS } from '../../support/fake-ecr-answers.ts';

const identity = { hash: 'a'.repeat(64), source: 'auto', region: 'eu-west-1' } as const;
const never = new AbortController().signal;

describe('EcrTokenMinter, given junk', () => {
  let aws: FakeAws;
  let minter: EcrTokenMinter;
  let restore: () => void;

  beforeAll(async () => {
    aws = await FakeAws.start();
  });
  afterAll(() => aws.stop());

  beforeEach(() => {
    minter = new EcrTokenMinter({ clock: new FakeClock(new Date()) });
    restore = useAwsEnvironment({
      AWS_ENDPOINT_URL_ECR: aws.url,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
  });
  afterEach(() => {
    minter.close();
    restore();
  });

  it.each([...JUNK_KINDS])('refuses %s', async (junk) => {
    aws.ecrMode = { kind: 'junk', junk };

    const error: unknown = await minter.mint(identity, never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'ECR_INVALID_ANSWER',
      eventReason: 'TokenRequestFailed',
      message: expect.not.stringContaining(CANARY),
    });
  });

  it.each(['missing', 'past', 'far'] as const)(
    'does not believe an expiry that is %s',
    async (expiresAt) => {
      aws.ecrMode = { kind: 'expiry', expiresAt };

      expect(await minter.mint(identity, never)).toMatchObject({ expiryTrusted: false });
    },
  );

  it('refuses an expiry that is no date at all', async () => {
    aws.ecrMode = { kind: 'expiry', expiresAt: 'text' };

    await expect(minter.mint(identity, never)).rejects.toMatchObject({
      code: 'ECR_INVALID_ANSWER',
    });
  });
});
