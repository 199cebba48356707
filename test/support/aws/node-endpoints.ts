/** Endpoints on a node: the EKS Pod Identity agent, and instance metadata, which answers version 1 requests too so that tests see them. */
import type { AwsAnswer } from '../../../simulator/aws/aws-modes.ts';
import type { AwsRequest } from '../../../simulator/aws/aws-request.ts';
import { json } from '../../../simulator/aws/ecr-answers.ts';
import { eksError, textAnswer } from './answers.ts';

export const KEY_OF_AGENT = 'ASIAAGENT0000000001';
export const KEY_OF_NODE = 'ASIANODE00000000001';
export const ROLES_PATH = '/latest/meta-data/iam/security-credentials/';
const TOKEN = 'metadata-token';

/** `liveTokens`: the tokens that EKS accepts. */
export function answerAsAgent(
  { url, headers }: AwsRequest,
  liveTokens: ReadonlySet<string>,
): AwsAnswer {
  if (new URL(url).pathname !== '/v1/credentials') return textAnswer(404, '404 page not found\n');
  return liveTokens.has(headers['authorization'] ?? '')
    ? json(credentials(KEY_OF_AGENT))
    : eksError(400, 'InvalidTokenException');
}

export function answerAsMetadata({ method, url, headers }: AwsRequest): AwsAnswer {
  const { pathname } = new URL(url);
  if (method === 'PUT') return textAnswer(200, TOKEN);
  if ((headers['x-aws-ec2-metadata-token'] ?? TOKEN) !== TOKEN) return textAnswer(401);
  if (pathname === ROLES_PATH) return textAnswer(200, 'node-role\n');
  const isKnown = pathname === `${ROLES_PATH}node-role`;
  return isKnown ? json({ Code: 'Success', ...credentials(KEY_OF_NODE) }) : textAnswer(404);
}

export function credentials(accessKeyId: string): Readonly<Record<string, string>> {
  return {
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyId,
    SecretAccessKey: 'secret',
    Token: 'session',
    AccountId: '111111111111',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  };
}
