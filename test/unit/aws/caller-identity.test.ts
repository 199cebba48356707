/** The identity that STS reports: which answers are believed, and what is reported without a believable one. */
import { describe, expect, it } from '@jest/globals';
import type { AwsWire, AwsWireResponse } from '../../../src/aws/network/aws-wire.ts';
import { readCallerIdentity } from '../../../src/aws/caller-identity.ts';
import { answerWithIdentity } from '../../../simulator/aws/sts-answers.ts';
import { stsError } from '../../../simulator/aws/sts-answers.ts';
import { GIVEN as credentials } from '../../support/aws/open-minter.ts';
import { anIdentity } from '../../support/values/builders.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { acceptNodeErrors } from '../../support/suite/one-error-realm.ts';

acceptNodeErrors();

const ACCOUNT = '123456789012';
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/pulls/pod-1`;

function answered(status: number, body: string): AwsWire {
  const answer: AwsWireResponse = { status, headers: { 'content-type': 'text/xml' }, body };
  return { send: () => Promise.resolve(answer) };
}

function identityAnswer(account: string, arn: string): AwsWire {
  const fields = new URLSearchParams({ Action: 'GetCallerIdentity' });
  return answered(200, answerWithIdentity(fields, { account, arn }).body);
}

const PARTS = {
  clock: new VirtualClock(),
  credentials,
  environment: {},
  timeouts: { connectionMs: 2_000, requestMs: 2_000, credentialsMs: 2_000 },
};

function read(wire: AwsWire, signal = new AbortController().signal) {
  return readCallerIdentity(anIdentity(), { ...PARTS, wire }, signal);
}

describe('readCallerIdentity', () => {
  it('returns the account and the ARN that STS names', async () => {
    expect(await read(identityAnswer(ACCOUNT, ARN))).toEqual({
      kind: 'known',
      account: ACCOUNT,
      arn: ARN,
    });
  });

  it.each([
    ['a page of a captive proxy', answered(200, '<html><body>Please log in</body></html>')],
    ['no account', identityAnswer('', ARN)],
    ['an account with other characters', identityAnswer('12345678901x', ARN)],
    ['an account that is too long', identityAnswer(`${ACCOUNT}3`, ARN)],
    ['no ARN', identityAnswer(ACCOUNT, '')],
    ['an ARN of another service', identityAnswer(ACCOUNT, `arn:aws:s3::${ACCOUNT}:bucket`)],
    ['more than an ARN', identityAnswer(ACCOUNT, `${ARN} and more`)],
  ])('believes no answer that is not from STS: %s', async (_, wire) => {
    expect(await read(wire)).toEqual({ kind: 'unknown', reason: 'the response is not from STS' });
  });

  it.each([
    [
      'a refusal',
      answered(403, stsError(403, 'SignatureDoesNotMatch').body),
      'SignatureDoesNotMatch, HTTP 403',
    ],
    [
      'a refused connection',
      {
        send: () => Promise.reject(Object.assign(new Error('no way'), { code: 'ECONNREFUSED' })),
      },
      'ECONNREFUSED',
    ],
    ['an unknown error', { send: () => Promise.reject(new Error('?')) }, 'the request failed'],
  ])('gives the real reason for %s', async (_, wire, reason) => {
    expect(await read(wire)).toEqual({ kind: 'unknown', reason });
  });

  it('recognizes missing credentials, without which there is no token either', async () => {
    const source = { kind: 'environment' } as const;
    const parts = { ...PARTS, wire: identityAnswer(ACCOUNT, ARN), credentials: undefined };
    const { signal } = new AbortController();

    expect(await readCallerIdentity(anIdentity('a', { source }), parts, signal)).toMatchObject({
      kind: 'noCredentials',
      error: { code: 'AWS_NO_CREDENTIALS' },
    });
  });

  it('blames a time-out only if the time was up', async () => {
    const limit = new AbortController();
    const reading = read({ send: () => new Promise(() => undefined) }, limit.signal);
    limit.abort();

    expect(await reading).toEqual({ kind: 'unknown', reason: 'no response in time' });
  });
});
