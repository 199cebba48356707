import { describe, expect, it } from '@jest/globals';
import { isPatienceAsked, namingProfile } from '../../../src/controller/mint-errors.ts';
import { StalledError, TransientError, WaitingError } from '../../../src/domain/errors.ts';
import { NOW } from '../../support/builders.ts';

const details = { code: 'STS_DENIED', eventReason: 'TokenRequestDenied' };

describe('the failure of a mint as a namespace hears of it', () => {
  it('has the name of the profile, and is of the same kind as before', () => {
    const until = { ...details, until: NOW };
    for (const failure of [
      new StalledError('minting: denied', details),
      new TransientError('minting: denied', details),
      new WaitingError('minting: denied', until),
    ]) {
      const named = namingProfile('team-a', failure);

      expect(named).toBeInstanceOf(failure.constructor);
      expect(named).toMatchObject({ ...details, message: 'profile "team-a": minting: denied' });
      expect(named.cause).toBe(failure);
    }
    expect(namingProfile('a', new WaitingError('x', until))).toMatchObject({ until: NOW });
  });

  it.each([
    [
      'User: arn:aws:sts::123456789012:assumed-role/node/i-0 is not authorized on arn:aws-us-gov:iam::210987654321:role/a/b',
      'User: [arn] is not authorized on [arn]',
    ],
    ['role "arn:aws:iam::123456789012:role/x"; trust', 'role "[arn]"; trust'],
    ['account 123456789012 is suspended', 'account [account] is suspended'],
    // An id of a request is what support asks for.
    [
      'request 5b1c0ffe-0000-4000-8000-000000000001',
      'request 5b1c0ffe-0000-4000-8000-000000000001',
    ],
  ])('says nothing of roles and accounts: %s', (message, told) => {
    const failure = new TransientError(message, { ...details, remedy: message });
    const { message: text, remedy } = namingProfile('a', failure);

    expect(text).toBe(`profile "a": ${told}`);
    expect(remedy).toBe(told);
  });

  it('is none where the token is only on its way', () => {
    const of = (code: string) => isPatienceAsked(new WaitingError('x', { code, until: NOW }));

    expect(['TOKEN_TOO_SOON', 'TOKEN_UNDER_WAY', 'ABORTED'].map(of)).toEqual([true, true, true]);
    expect(['ECR_DENIED', 'STS_TIMEOUT'].map(of)).toEqual([false, false]);
  });
});
