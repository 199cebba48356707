import { describe, expect, it } from '@jest/globals';
import { parseEcrPublicAnswer } from '../../../src/aws/ecr-public-answer.ts';
import { TransientError } from '../../../src/domain/errors.ts';

const good = {
  authorizationToken: btoa('AWS:password'),
  expiresAt: new Date('2026-01-01T12:00:00Z'),
};
type Output = Parameters<typeof parseEcrPublicAnswer>[0];
const answer = (authorizationData: unknown): Output => ({ authorizationData }) as Output;

describe('parseEcrPublicAnswer', () => {
  it('takes a good answer apart, whose registry is always the same', () => {
    const parsed = parseEcrPublicAnswer(answer(good), 'us-east-1');

    expect(parsed.authorization.reveal()).toBe(good.authorizationToken);
    expect(parsed.ownRegistry).toBe('public.ecr.aws');
    expect(parsed.expiresAt).toBe(good.expiresAt);
  });

  it.each([
    ['nothing', undefined, 'no token'],
    ['null', null, 'no token'],
    ['the list of private ECR', [good], 'no token'],
    ['an empty object', {}, 'no authorizationToken'],
    ['bad base64', { authorizationToken: '%%%' }, 'not base64'],
    ['another user', { authorizationToken: btoa('root:x') }, 'not for user AWS'],
    ['no password', { authorizationToken: btoa('AWS:') }, 'has no password'],
  ])('refuses %s', (_name, data, slip) => {
    let error: unknown;
    try {
      parseEcrPublicAnswer(answer(data), 'us-east-1');
    } catch (thrown) {
      error = thrown;
    }

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'ECR_INVALID_ANSWER' });
    expect(String(error)).toContain(slip);
  });
});
