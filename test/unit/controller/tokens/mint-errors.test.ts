import { describe, expect, it } from '@jest/globals';
import { withoutToken } from '../../../../src/controller/tokens/mint-errors.ts';
import type { NoToken } from '../../../../src/controller/tokens/token-answer.ts';
import {
  type ControllerError,
  StalledError,
  TransientError,
  WaitingError,
} from '../../../../src/domain/errors.ts';
import { NOW, aTokenNeed } from '../../../support/values/builders.ts';

const details = { code: 'STS_DENIED', eventReason: 'TokenRequestDenied' };

/** What is reported for an identity whose mint is under way, and for one that must wait for the next attempt. */
function reportedErrors(
  failure: ControllerError | undefined,
  profile = 'team-a',
): readonly WaitingError[] {
  const answers: readonly NoToken[] = [
    { kind: 'minting', settled: Promise.resolve(), until: NOW, failure },
    { kind: 'blocked', until: NOW, failure },
  ];
  return answers.map((answer) => withoutToken(aTokenNeed({ profile }), answer));
}

describe('the failure of a mint as reported to a namespace', () => {
  it('has the name of the profile, and waits for the next attempt, no matter who must act', () => {
    for (const failure of [
      new StalledError('minting: denied', details),
      new TransientError('minting: denied', details),
    ]) {
      for (const error of reportedErrors(failure)) {
        expect(error).toBeInstanceOf(WaitingError);
        expect(error).toMatchObject({ ...details, message: 'profile "team-a": minting: denied' });
        expect(error.until).toBe(NOW);
        expect(error.cause).toBe(failure);
      }
    }
  });

  it.each([
    [
      'User: arn:aws:sts::123456789012:assumed-role/node/i-0 is not authorized on arn:aws-us-gov:iam::210987654321:role/a/b',
      'User: [arn] is not authorized on [arn]',
    ],
    ['role "arn:aws:iam::123456789012:role/x"; trust', 'role "[arn]"; trust'],
    ['account 123456789012 is suspended', 'account [account] is suspended'],
    // Support asks for the id of a request.
    [
      'request 5b1c0ffe-0000-4000-8000-000000000001',
      'request 5b1c0ffe-0000-4000-8000-000000000001',
    ],
  ])('contains no roles and accounts: %s', (message, text) => {
    for (const error of reportedErrors(
      new TransientError(message, { ...details, fix: message }),
      'a',
    )) {
      expect(error.message).toBe(`profile "a": ${text}`);
      expect(error.fix).toBe(text);
    }
  });

  it('does not exist while the token is only on its way: nothing is reported in the namespace', () => {
    const errors = reportedErrors(undefined);

    expect(errors.map(({ code }) => code)).toEqual(['TOKEN_UNDER_WAY', 'TOKEN_TOO_SOON']);
    for (const error of errors) {
      expect(error).toMatchObject({ eventReason: undefined, until: NOW });
    }
  });
});
