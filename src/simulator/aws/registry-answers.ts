/** What a registry answers at `/v2/` to who brings a token: Basic for private ECR, Bearer for ECR Public. */
import type { AwsAnswer, Outcome, RegistryMode } from './aws-modes.ts';
import type { AwsRequest } from './aws-request.ts';
import { tokenNumberOf } from './token-password.ts';

type TokenCheck = (number: number, service: 'ecr' | 'ecr-public') => boolean;

export function answerAsRegistry(
  { headers }: AwsRequest,
  mode: RegistryMode,
  isGood: TokenCheck,
): Outcome {
  if (mode.kind === 'hang' || mode.kind === 'cut') return mode.kind;
  if (mode.kind === 'status') return answer(mode.status);
  const [scheme = '', token = ''] = (headers['authorization'] ?? '').split(' ');
  const password = Buffer.from(token, 'base64').toString().replace(/^AWS:/, '');
  const number = tokenNumberOf(password) ?? 0;
  const isAdmitted =
    (scheme === 'Basic' && isGood(number, 'ecr')) ||
    (scheme === 'Bearer' && isGood(number, 'ecr-public'));
  return answer(isAdmitted ? 200 : 401);
}

function answer(status: number): AwsAnswer {
  return { status, body: status === 200 ? '{}' : 'Not Authorized' };
}
