import { describe, expect, it } from '@jest/globals';
import {
  reactionToFailure,
  STS_REACTIONS,
} from '../../../../src/aws/errors/credential-reactions.ts';
import type { ErrorKind } from '../../../../src/aws/errors/error-kind.ts';
import { partsOf } from '../../../../src/aws/errors/ecr-reactions.ts';
import type { CredentialStep } from '../../../../src/aws/errors/failures.ts';
import { STEP_TEXTS } from '../../../../src/aws/errors/step-texts.ts';

const kinds = Object.keys(STS_REACTIONS) as ErrorKind[];
const steps = Object.keys(STEP_TEXTS) as CredentialStep[];

describe.each(steps)('the text for a failure of %s', (step) => {
  it.each(kinds)('with %s has a problem and a fix, and fits into an Event', (kind) => {
    const [problem, fix] = partsOf(reactionToFailure(step, kind).words);

    expect(problem.length).toBeGreaterThan(5);
    expect(fix.length).toBeGreaterThan(9);
    // In addition to the stage: the name of the error, the request id and the profile.
    expect(problem.length + fix.length).toBeLessThan(700);
  });
});
