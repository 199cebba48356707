/** ECR Public, with the real SDK over the simulated AWS. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ControllerError, renderError } from '../../../../src/domain/errors.ts';
import { type EcrMode, JUNK_KINDS } from '../../../../simulator/aws/aws-modes.ts';
import { openMinter } from '../../../support/aws/open-minter.ts';
import { anIdentity } from '../../../support/values/builders.ts';
import { holdsCanary } from '../../../support/suite/canary.ts';
import { controllerErrorOf } from '../../../support/suite/failure-of.ts';

const identity = anIdentity('default', { service: 'ecr-public', region: 'us-east-1' });
const never = new AbortController().signal;

let { aws, minter } = openMinter();

beforeEach(() => {
  ({ aws, minter } = openMinter());
});

function failureOf(mode: EcrMode): Promise<ControllerError> {
  aws.ecrPublicMode = mode;
  return controllerErrorOf(minter.mint(identity, never));
}

describe('EcrTokenMinter for ECR Public', () => {
  it('mints a separate token, through its own API in us-east-1', async () => {
    const token = await minter.mint(identity, never);

    expect(token).toMatchObject({ identity, expiryTrusted: true, ownRegistry: 'public.ecr.aws' });
    expect(aws.calls).toMatchObject([{ service: 'ecr-public', region: 'us-east-1' }]);
    expect(aws.tokens).toMatchObject([{ service: 'ecr-public' }]);
  });

  it('also asks private ECR in the same region, for an identity of that kind', async () => {
    const own = anIdentity('default', { region: 'us-east-1', hash: 'e'.repeat(64) });

    await minter.mint(identity, never);
    const token = await minter.mint(own, never);

    expect(token.ownRegistry).toBe('123456789012.dkr.ecr.us-east-1.amazonaws.com');
    expect(aws.calls.map(({ service }) => service)).toEqual(['ecr-public', 'ecr']);
  });

  it('names both permissions if it is denied', async () => {
    const { code, message, fix } = await failureOf({ kind: 'deny' });

    expect(code).toBe('ECR_ACCESS_DENIED');
    expect(message).toMatch(/^can't mint an ECR Public token in us-east-1: /);
    expect(fix).toContain('ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken');
  });

  it.each([
    ['throttle', 'ECR_THROTTLED'],
    ['server-error', 'ECR_UNAVAILABLE'],
    ['expired-credentials', 'AWS_CREDENTIALS_EXPIRED'],
    ['unknown-key', 'ECR_WRONG_REGION'],
    ['cut', 'ECR_UNAVAILABLE'],
  ] as const)('maps %s to %s', async (kind, code) => {
    expect(await failureOf({ kind })).toMatchObject({ code });
  });

  it.each(JUNK_KINDS)('accepts no %s as a token, and shows none of it', async (junk) => {
    const error = await failureOf({ kind: 'junk', junk });

    expect(error.code).toBe('ECR_INVALID_ANSWER');
    expect(holdsCanary(renderError(error))).toBe(false);
  });

  it('assumes a lifetime for a token whose expiry it does not believe', async () => {
    aws.ecrPublicMode = { kind: 'expiry', expiresAt: 'past' };

    expect((await minter.mint(identity, never)).expiryTrusted).toBe(false);
  });
});
