/** Verification by the real minter: a simulated AWS stands in for ECR and for the registries. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { resultOf } from '../../../../src/controller/tokens/mint-errors.ts';
import { verifyToken } from '../../../../src/aws/ecr/verify-token.ts';
import { StalledError, renderError } from '../../../../src/domain/errors.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import type { Outcome } from '../../../../simulator/aws/aws-modes.ts';
import { textAnswer } from '../../../support/aws/answers.ts';
import { openMinter } from '../../../support/aws/open-minter.ts';
import { anIdentity } from '../../../support/values/builders.ts';
import { holdsCanary } from '../../../support/suite/canary.ts';
import { controllerErrorOf } from '../../../support/suite/failure-of.ts';

const HOSTS = [
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  '210987654321.dkr.ecr.eu-west-1.amazonaws.com',
];
const identity = anIdentity('default', { verifyHosts: HOSTS });
const never = new AbortController().signal;

let { clock, aws, minter, sent } = openMinter();
let unverified: (readonly [string, string])[];

beforeEach(() => {
  unverified = [];
  ({ clock, aws, minter, sent } = openMinter({
    unverified: (registry, reason) => unverified.push([registry, reason]),
  }));
});

function answerFromRegistries(outcome: Outcome): void {
  aws.script = ({ service }) => (service === 'registry' ? outcome : undefined);
}

describe('A new token with registries to try', () => {
  it('is handed out if each of them accepts it', async () => {
    const token = await minter.mint(identity, never);

    expect(aws.isLive(1, clock.now())).toBe(true);
    expect(sent.slice(1).map(({ method, url }) => [method, url])).toEqual(
      HOSTS.map((host) => ['GET', `https://${host}/v2/`]),
    );
    expect(sent[1]?.headers['authorization']).toBe(`Basic ${token.authorization.reveal()}`);
    expect(unverified).toEqual([]);
  });

  it('is tried as a bearer token at ECR Public', async () => {
    const about = { service: 'ecr-public', region: 'us-east-1' } as const;

    await minter.mint(anIdentity('default', { ...about, verifyHosts: ['public.ecr.aws'] }), never);

    expect(sent[1]?.url).toBe('https://public.ecr.aws/v2/');
    expect(unverified).toEqual([]);
  });

  it.each([401, 403])('is not handed out if one answers %i', async (status) => {
    answerFromRegistries(textAnswer(status));

    const error = await controllerErrorOf(minter.mint(identity, never));

    expect(error).toBeInstanceOf(StalledError);
    expect(error).toMatchObject({ code: 'ECR_TOKEN_REFUSED', eventReason: 'TokenRequestFailed' });
    expect(resultOf(error)).toBe('refused');
    expect(renderError(error)).toContain(`registry ${HOSTS[0]} refuses`);
    expect(renderError(error)).toContain(`HTTP ${status}`);
    expect(holdsCanary(renderError(error) + String(error.stack))).toBe(false);
  });

  const unclear: readonly (readonly [Outcome, string])[] = [
    [textAnswer(404), 'it responded with HTTP 404'],
    [textAnswer(429), 'it responded with HTTP 429'],
    [textAnswer(503), 'it responded with HTTP 503'],
    [textAnswer(307), 'it responded with HTTP 307'],
    ['cut', "it can't be reached (ECONNRESET)"],
  ];
  it.each(unclear)('is handed out, with a log message, if one answers %j', async (outcome, why) => {
    answerFromRegistries(outcome);

    const token = await minter.mint(identity, never);

    expect(token.expiryTrusted).toBe(true);
    expect(unverified).toEqual(HOSTS.map((host) => [host, why]));
    expect(sent).toHaveLength(3);
  });

  it('waits no longer than three seconds for a silent registry', async () => {
    answerFromRegistries('hang');
    let token: RegistryToken | undefined;
    void minter.mint(identity, never).then((minted) => {
      token = minted;
    });

    await clock.advance(2_999);
    expect(token).toBeUndefined();
    await clock.advance(1);

    expect(token?.expiryTrusted).toBe(true);
    expect(unverified).toEqual(HOSTS.map((host) => [host, "it can't be reached (TimeoutError)"]));
    expect(clock.pending).toBe(0);
  });

  it.each([
    [800, "it can't be reached (TimeoutError)"],
    [0, 'no time was left'],
    [-500, 'no time was left'],
  ])('is handed out in the %i ms that the mint has left', async (budgetMs, why) => {
    const verification = { identity, authorization: new SecretText('x'), budgetMs };
    const probe = () => new Promise<number>(() => {});
    const reasons: string[] = [];
    const unverifiedBy = (_registry: string, reason: string): number => reasons.push(reason);
    let isDone = false;

    void verifyToken(verification, { probe, clock, unverified: unverifiedBy }, never).then(() => {
      isDone = true;
    });
    await clock.advance(Math.max(0, budgetMs));

    expect(isDone).toBe(true);
    expect(reasons).toEqual([why, why]);
  });

  it('is tried nowhere if no registry is named', async () => {
    await minter.mint(anIdentity(), never);

    expect(sent).toHaveLength(1);
  });
});
