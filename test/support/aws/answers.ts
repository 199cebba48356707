/** Further answers of AWS and of endpoints on a node, for scripts of the simulated AWS. */
import type { AwsAnswer } from '../../../simulator/aws/aws-modes.ts';
import { json } from '../../../simulator/aws/ecr-answers.ts';

export const AGENT_REQUEST_ID = 'a6e40000-0000-4000-8000-000000000002';

export function textAnswer(status: number, body = ''): AwsAnswer {
  return { status, body };
}

/** An EKS error as the Pod Identity agent passes it on, in its own text format. */
export function eksError(status: number, code: string): AwsAnswer {
  const role = 'arn:aws:iam::111111111111:role/pod';
  return textAnswer(
    status,
    `[${AGENT_REQUEST_ID}]: (${code}): said about ${role}, fault: client\n`,
  );
}

/** A good answer of ECR with some content changed. */
export function tokenAnswer(change: Readonly<Record<string, unknown>>): AwsAnswer {
  const good = {
    authorizationToken: btoa('AWS:password-1'),
    expiresAt: Math.floor(Date.now() / 1_000) + 43_200,
    proxyEndpoint: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  };
  return json({ authorizationData: [{ ...good, ...change }] });
}
