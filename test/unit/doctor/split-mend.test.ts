import { describe, expect, it } from '@jest/globals';
import { ECR_REACTIONS } from '../../../src/aws/aws-reactions.ts';
import { reactionToFailure } from '../../../src/aws/credential-reactions.ts';
import type { CredentialStep } from '../../../src/aws/credentials-failure.ts';
import type { ErrorKind } from '../../../src/aws/error-kind.ts';
import { splitMend } from '../../../src/doctor/split-mend.ts';

const KINDS = Object.keys(ECR_REACTIONS) as readonly ErrorKind[];
const STEPS: readonly CredentialStep[] = [
  'auto',
  'webIdentity',
  'podIdentity',
  'instanceProfile',
  'environment',
  'assumedRole',
];

describe('splitMend', () => {
  it('tells the mend from what is wrong, and leaves with that what AWS called it', () => {
    const text =
      'minting ECR token in eu-west-1: access denied; a policy must allow it; see there (AccessDenied, HTTP 400)';
    expect(splitMend(text)).toEqual({
      message: 'minting ECR token in eu-west-1: access denied (AccessDenied, HTTP 400)',
      mend: 'a policy must allow it; see there',
    });
    expect(splitMend('it did not answer. Pods reach it only so')).toEqual({
      message: 'it did not answer',
      mend: 'Pods reach it only so',
    });
  });

  it('gives a mend of its own to a text that has none', () => {
    expect(splitMend('it failed')).toEqual({
      message: 'it failed',
      mend: expect.stringContaining('credentials of this profile'),
    });
  });

  it('finds both in every text that we have for trouble with AWS', () => {
    const texts = [
      ...KINDS.map((kind) => ECR_REACTIONS[kind].text),
      ...STEPS.flatMap((step) => KINDS.map((kind) => reactionToFailure(step, kind).text)),
    ];
    const unsplit = texts.filter((text) => {
      const { message, mend } = splitMend(`minting ECR token in eu-west-1: ${text} (HTTP 400)`);
      return mend.length < 10 || message.length < 40;
    });
    expect(unsplit).toEqual([]);
  });
});
