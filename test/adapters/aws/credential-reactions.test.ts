import { describe, expect, it } from '@jest/globals';
import { ECR_REACTIONS } from '../../../src/aws/aws-reactions.ts';
import { reactionToFailure } from '../../../src/aws/credential-reactions.ts';
import type { CredentialStep } from '../../../src/aws/credentials-failure.ts';
import type { ErrorKind } from '../../../src/aws/error-kind.ts';
import { STEP_TEXTS } from '../../../src/aws/step-texts.ts';

const kinds = Object.keys(ECR_REACTIONS) as ErrorKind[];
const steps = Object.keys(STEP_TEXTS) as CredentialStep[];

describe.each(steps)('the words for a failure of %s', (step) => {
  it.each(kinds)('with %s have a cause and a mend, and fit into an Event', (kind) => {
    const { text } = reactionToFailure(step, kind);

    // `doctor` tells the two apart by this.
    expect(text).toMatch(/^.+?(; |\. ).+/);
    // Beside the stage, the name of the error, the request id and the profile.
    expect(text.length).toBeLessThan(700);
  });
});
