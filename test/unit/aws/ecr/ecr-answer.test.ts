import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseEcrAnswer, parseEcrPublicAnswer } from '../../../../src/aws/ecr/ecr-answer.ts';
import { TransientError, renderError } from '../../../../src/domain/errors.ts';
import { itShares, share } from '../../../support/suite/share.ts';

const region = 'eu-west-1';
const host = `123456789012.dkr.ecr.${region}.amazonaws.com`;
const good = {
  authorizationToken: btoa('AWS:password'),
  expiresAt: new Date('2026-01-01T12:00:00Z'),
  proxyEndpoint: `https://${host}`,
};
type Output = Parameters<typeof parseEcrAnswer>[0];
const answer = (...authorizationData: unknown[]): Output => ({ authorizationData }) as Output;

/** The error for a refused answer; nothing else may be thrown. */
function refusalOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    const isRefusal = error instanceof TransientError && error.code === 'ECR_INVALID_ANSWER';
    if (!isRefusal) throw error;
    return renderError(error);
  }
}

describe('parseEcrAnswer', () => {
  it('parses a valid answer', () => {
    const { authorization, ownRegistry, expiresAt } = parseEcrAnswer(answer(good), region);

    expect(authorization.reveal()).toBe(good.authorizationToken);
    expect(ownRegistry).toBe(host);
    expect(expiresAt).toBe(good.expiresAt);
  });

  it.each([
    ['no list', {}, 'holds 0 tokens'],
    ['an empty list', answer(), 'holds 0 tokens'],
    ['two tokens', answer(good, good), 'holds 2 tokens'],
    ['an empty item', answer({}), 'no authorizationToken'],
    ['no token', answer({ ...good, authorizationToken: undefined }), 'no authorizationToken'],
    ['an empty token', answer({ ...good, authorizationToken: '' }), 'no authorizationToken'],
    ['bad base64', answer({ ...good, authorizationToken: 'QVdTOnBhc3M*' }), 'not base64'],
    ['base64 without padding', answer({ ...good, authorizationToken: 'QVdTOnA' }), 'not base64'],
    ['no colon', answer({ ...good, authorizationToken: btoa('AWSpassword') }), 'not for user AWS'],
    ['another user', answer({ ...good, authorizationToken: btoa('root:x') }), 'not for user AWS'],
    ['no password', answer({ ...good, authorizationToken: btoa('AWS:') }), 'has no password'],
    ['a line break', answer({ ...good, authorizationToken: btoa('AWS:a\nb') }), 'printable ASCII'],
    [
      'a huge token',
      answer({ ...good, authorizationToken: btoa(`AWS:${'x'.repeat(16_384)}`) }),
      'longer than',
    ],
    ['no registry', answer({ ...good, proxyEndpoint: undefined }), 'not a registry in eu-west-1'],
    ['plain http', answer({ ...good, proxyEndpoint: `http://${host}` }), 'not a registry'],
    [
      'a look-alike',
      answer({ ...good, proxyEndpoint: `https://${host}.evil.io` }),
      'not a registry',
    ],
    ['a path', answer({ ...good, proxyEndpoint: `https://${host}/v2` }), 'not a registry'],
    [
      'another region',
      answer({ ...good, proxyEndpoint: `https://${host.replace('eu-west-1', 'us-east-1')}` }),
      'not a registry in eu-west-1',
    ],
  ])('refuses %s', (_name, output, flaw) => {
    expect(refusalOf(() => parseEcrAnswer(output, region))).toContain(flaw);
  });

  itShares('refuses every kind of junk with only this error', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
    const token = fc.oneof(
      fc.anything(),
      fc.string(),
      bytes.map((buffer) => buffer.toString('base64')),
      bytes.map((buffer) => `${btoa('AWS:')}${buffer.toString('latin1')}`),
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(`AWS:${text}`).toString('base64')),
      fc.constant(good.authorizationToken),
    );
    const endpoint = fc.oneof(
      fc.anything(),
      fc.webUrl(),
      fc.string().map((text) => `https://${text}`),
      fc.string().map((text) => `https://${host}${text}`),
      fc.constant(good.proxyEndpoint),
    );
    const item = fc.record({ authorizationToken: token, proxyEndpoint: endpoint });

    fc.assert(
      fc.property(fc.array(item, { maxLength: 2 }), (items) => {
        const parse = () => parseEcrAnswer(answer(...items), region);
        if (refusalOf(parse) !== undefined) return;
        const parsed = parse();
        expect(atob(parsed.authorization.reveal())).toMatch(/^AWS:[\x21-\x7e]+$/);
        expect(`https://${parsed.ownRegistry}`).toBe(items[0]?.proxyEndpoint);
      }),
      { numRuns: share(1_000, 20_000) },
    );
  });
});

describe('parseEcrPublicAnswer', () => {
  const { authorizationToken, expiresAt } = good;
  const parse = (authorizationData: unknown) =>
    parseEcrPublicAnswer(
      { authorizationData } as Parameters<typeof parseEcrPublicAnswer>[0],
      'us-east-1',
    );

  it('parses a valid answer, whose registry is always the same', () => {
    const parsed = parse({ authorizationToken, expiresAt });

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
  ])('refuses %s', (_name, data, flaw) => {
    expect(refusalOf(() => parse(data))).toContain(flaw);
  });
});
