/** The simulated AWS as the story sees it. */
import type { SimulatedAws } from '../../simulator/aws/simulated-aws.ts';
import { tokenNumberOf } from '../../simulator/aws/token-password.ts';
import type { EmbeddedEcr } from './stage.ts';

/** Stands in every token of the demo. */
export const MARKER = 'DemoTokenThatNobodyMayPrint';
/** No real key looks so. */
export const CREDENTIALS = { accessKeyId: 'DEMO', secretAccessKey: 'demo' } as const;
export const REGION = 'eu-west-1';

export function embeddedEcr(aws: SimulatedAws): EmbeddedEcr {
  return {
    get calls() {
      return aws.calls.filter(({ action }) => action === 'GetAuthorizationToken').length;
    },
    fail: () => {
      aws.ecrMode = { kind: 'server-error' };
    },
    heal: () => {
      aws.ecrMode = { kind: 'ok' };
    },
    expiryOf(password) {
      const token = aws.tokens[(tokenNumberOf(password.reveal()) ?? 0) - 1];
      if (token === undefined) throw new Error('ECR never gave this token');
      return token.expiresAt;
    },
  };
}
