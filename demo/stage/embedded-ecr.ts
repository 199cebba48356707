/** The simulated AWS as the story sees it. */
import type { SimulatedAws } from '../../simulator/aws/simulated-aws.ts';
import { tokenNumberOf } from '../../simulator/aws/token-password.ts';
import type { EmbeddedEcr } from './stage.ts';

/** Part of every token of the demo. */
export const MARKER = 'DemoTokenThatNobodyMayPrint';
/** No real key looks like this. */
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
      if (token === undefined) throw new Error('ECR never issued this token');
      return token.expiresAt;
    },
  };
}
