/** A registry's answer at `/v2/` to a client with a token: Basic for private ECR, Bearer for ECR Public. */
import type { AwsAnswer } from './aws-modes.ts';
import type { AwsRequest } from './aws-request.ts';
import { tokenNumberOf } from './token-password.ts';

type TokenCheck = (number: number, service: 'ecr' | 'ecr-public') => boolean;

/** 200 for a good token, 401 for any other. */
export function answerAsRegistry({ headers }: AwsRequest, isGood: TokenCheck): AwsAnswer {
  const [scheme = '', token = ''] = (headers['authorization'] ?? '').split(' ');
  const password = Buffer.from(token, 'base64').toString().replace(/^AWS:/, '');
  const number = tokenNumberOf(password) ?? 0;
  const isAdmitted =
    (scheme === 'Basic' && isGood(number, 'ecr')) ||
    (scheme === 'Bearer' && isGood(number, 'ecr-public'));
  return isAdmitted ? { status: 200, body: '{}' } : { status: 401, body: 'Not Authorized' };
}
