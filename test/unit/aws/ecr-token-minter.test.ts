/** The real SDK against a simulated AWS over HTTP, with credentials that the SDK finds by itself. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { format, inspect } from 'node:util';
import {
  type ControllerError,
  StalledError,
  TransientError,
  renderError,
} from '../../../src/domain/errors.ts';
import { ecrError, json } from '../../../simulator/aws/ecr-answers.ts';
import { stsError } from '../../../simulator/aws/sts-answers.ts';
import { textAnswer, tokenAnswer } from '../../support/aws/answers.ts';
import { AwsWorld, identityWith } from '../../support/aws/aws-world.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { REQUEST_ID } from '../../support/aws/fake-aws.ts';
import { startLoopbackServer } from '../../support/ports/loopback-server.ts';

const identity = identityWith({ kind: 'auto' });

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
  world.only('environment');
});
afterEach(() => world.stop());

describe('EcrTokenMinter', () => {
  describe('a valid answer', () => {
    it('becomes a token with the expiry that AWS returned', async () => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
      const authorizationToken = btoa('AWS:pass:word');
      world.scripts.ecr = () => tokenAnswer({ authorizationToken, expiresAt });

      const token = await world.mint(identity);

      expect(atob(token.authorization.reveal())).toBe('AWS:pass:word');
      expect(token).toMatchObject({
        identity,
        expiresAt: new Date(expiresAt * 1_000),
        expiryTrusted: true,
        ownRegistry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      });
      expect(world.requests()).toHaveLength(1);
      const { headers } = world.requests()[0] ?? {};
      expect(headers?.['authorization']).toContain('/eu-west-1/ecr/aws4_request');
    });

    it("reports how far AWS's clock is ahead, also with a refusal", async () => {
      const headers = { date: new Date(Date.now() + 600_000).toUTCString() };
      world.scripts.ecr = () => ({ ...tokenAnswer({}), headers });
      await world.mint(identity);
      world.scripts.ecr = () => ({ ...ecrError(400, 'AccessDeniedException'), headers });
      await world.failure(identity);

      expect(world.offsets).toHaveLength(2);
      for (const offset of world.offsets) expect(Math.abs(offset - 600_000)).toBeLessThan(5_000);
    });
  });

  it('names the denied identity to administrators only', async () => {
    const principal = 'arn:aws:sts::123456789012:assumed-role/puller/session';
    const message = `User: ${principal} is not authorized to perform: x`;
    world.scripts.ecr = () => ecrError(400, 'AccessDeniedException', message);

    const error = await world.failure(identity);

    expect(renderError(error)).not.toContain('123456789012');
    expect(String(error.cause)).toContain(principal);
  });

  describe('the network', () => {
    it.each(['hang', 'drip'])('that lets an answer %s is given up in time', async (how) => {
      await using server = await startLoopbackServer((_request, response) => {
        if (how === 'hang') return;
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.write('{"authorizationData":[');
      });
      world.set({ AWS_ENDPOINT_URL_ECR: server.url });

      const error = await world.failure(identity, AbortSignal.timeout(500));

      expect(error).toMatchObject({ code: 'ECR_TIMEOUT', eventReason: 'TokenRequestFailed' });
      const patience = { what: 'the connection to end', limitMs: 5_000, everyMs: 5 };
      await eventually(patience, () => server.connections.open === 0);
    });

    it('that refuses the connection is unavailable', async () => {
      world.set({ AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:1' });

      const refused = await world.failure(identity);

      expect(refused).toMatchObject({ code: 'ECR_UNAVAILABLE' });
      expect(renderError(refused)).toContain('ECONNREFUSED');
    });

    it('that does not know the host is a configuration fault', async () => {
      world.set({ AWS_ENDPOINT_URL_ECR: 'http://ecr.invalid' });

      expect(await world.failure(identity, AbortSignal.timeout(3_000))).toMatchObject({
        code: expect.stringMatching(/^ECR_(WRONG_ENDPOINT|UNAVAILABLE|TIMEOUT)$/),
      });
    });

    it('is not waited for after the caller has aborted', async () => {
      world.scripts.ecr = () => 'hang';

      expect(await world.failure(identity, AbortSignal.abort())).toBeInstanceOf(TransientError);
    });
  });

  describe('credentials', () => {
    it('are fetched again once if they have expired', async () => {
      world.only('webIdentity');
      world.scripts.ecr = ({ accessKeyId }) =>
        accessKeyId.endsWith('1') ? ecrError(400, 'ExpiredTokenException') : undefined;

      await world.mint(identity);

      expect(world.requests('sts')).toHaveLength(2);
      expect(world.requests('ecr')).toHaveLength(2);
    });

    it('come from a web identity, whose file is read again each time', async () => {
      world.only('webIdentity');
      world.set({ AWS_ROLE_SESSION_NAME: 'by-variable' });
      world.scripts.ecr = () => ecrError(400, 'ExpiredTokenException');
      await world.failure(identity);
      world.write('web-identity-token', 'second');
      world.trust.liveTokens.add('second');
      delete world.scripts.ecr;
      world.forget();
      await world.mint(identity);

      const forms = world.requests('sts').map(({ fields }) => fields);
      const [first, second] = ['web-identity-token', 'second'];
      expect(forms.map((form) => form.get('WebIdentityToken'))).toEqual([first, first, second]);
      expect(forms[0]?.get('RoleSessionName')).toBe('by-variable');
    });

    it('are kept between mints', async () => {
      world.only('webIdentity');
      await world.mint(identity);
      await world.mint(identity);

      expect(world.requests('sts')).toHaveLength(1);
    });

    it.each([
      ['AccessDenied', 403, 'AWS_CREDENTIALS_DENIED', 'TokenRequestDenied'],
      ['InvalidIdentityToken', 400, 'AWS_CREDENTIALS_DENIED', 'TokenRequestDenied'],
      ['Throttling', 400, 'AWS_CREDENTIALS_THROTTLED', 'TokenRequestThrottled'],
      ['InternalFailure', 500, 'AWS_CREDENTIALS_UNAVAILABLE', 'TokenRequestFailed'],
      ['ExpiredTokenException', 400, 'AWS_CREDENTIALS_EXPIRED', 'TokenRequestFailed'],
    ])('that STS refuses with %s are one call and name the provider', async (...row) => {
      const [name, status, code, eventReason] = row;
      world.only('webIdentity');
      world.scripts.sts = () => stsError(status, name);

      const error = await world.failure(identity);

      expect(error).toMatchObject({ code, eventReason });
      expect(renderError(error)).toContain('no AWS credentials (web identity (IRSA))');
      expect(renderError(error)).toContain(REQUEST_ID);
      expect(world.requests()).toHaveLength(1);
    });

    it('are missing if the web identity token file is missing', async () => {
      world.only('webIdentity');
      world.remove('web-identity-token');

      const error = await world.failure(identity);

      expect(error).toMatchObject({ code: 'AWS_NO_CREDENTIALS' });
      expect(renderError(error)).toContain('web identity (IRSA)');
      expect(renderError(error)).toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
    });

    it.each([
      ['refuses', 403],
      ['fails', 500],
    ])('are missing if the Pod Identity agent %s, without retries', async (_name, status) => {
      world.only('podIdentity');
      world.scripts.agent = () => json({}, status);

      const error = await world.failure(identity);

      expect(error).toMatchObject({ code: 'AWS_NO_CREDENTIALS' });
      expect(renderError(error)).toContain('no AWS credentials (EKS Pod Identity)');
      // The SDK asks as EKS and then as ECS does.
      expect(world.requests('agent')).toHaveLength(2);
    });

    it('are given up if the Pod Identity agent is silent, and returned when it answers again', async () => {
      world.only('podIdentity');
      world.hurry({ connectionMs: 1_000, requestMs: 1_000, credentialsMs: 1_000 });
      world.scripts.agent = () => 'hang';
      const warn = jest.spyOn(console, 'warn').mockReturnValue();
      const error = await world.failure(identity);
      warn.mockRestore();

      expect(error).toMatchObject({ code: 'AWS_CREDENTIALS_TIMEOUT' });
      expect(renderError(error)).toContain('EKS Pod Identity');
      delete world.scripts.agent;
      await world.mint(identity);
    });

    it.each([
      ['AWS_EC2_METADATA_DISABLED', { AWS_EC2_METADATA_DISABLED: 'true' }],
      ['(instance metadata)', { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' }],
    ])(
      'are missing with %s, and the error names the providers and the fix',
      async (provider, variables) => {
        world.only('instanceProfile');
        world.set(variables);

        const error = await world.failure(identity);

        expect(error).toBeInstanceOf(StalledError);
        expect(error.code).toBe('AWS_NO_CREDENTIALS');
        for (const part of [provider, 'IRSA', 'Pod Identity', 'hop limit 2']) {
          expect(renderError(error)).toContain(part);
        }
      },
    );
  });

  it('shows nothing of an answer or a credential in any error, however it is printed', async () => {
    const canary = 'canary0123456789';
    const denial = ecrError(400, 'AccessDeniedException', `token ${canary}`);
    const request = `canonical request: x-amz-security-token:${canary}`;
    world.set({
      AWS_ACCESS_KEY_ID: `AKIA${canary}`,
      AWS_SECRET_ACCESS_KEY: canary,
      AWS_SESSION_TOKEN: canary,
    });

    for (const answer of [
      denial,
      { ...denial, headers: { 'x-canary': canary } },
      textAnswer(200, canary),
      tokenAnswer({ authorizationToken: canary, proxyEndpoint: canary }),
      ecrError(500, 'ServerException', canary),
      ecrError(400, 'ExpiredTokenException', canary),
      ecrError(400, 'InvalidSignatureException', request),
    ]) {
      world.scripts.ecr = () => answer;
      expect(printed(await world.failure(identity))).not.toContain(canary);
    }

    world.only('webIdentity');
    world.write('web-identity-token', canary);
    for (const answer of [stsError(403, 'AccessDenied', canary), textAnswer(200, canary)]) {
      world.scripts.sts = () => answer;
      expect(printed(await world.failure(identity))).not.toContain(canary);
    }
  });
});

/** Every way in which a logger or a crash shows an error. */
function printed(error: ControllerError): string {
  const all = { depth: 20, showHidden: true } as const;
  return [
    String(error),
    error.stack,
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    inspect(error, all),
    inspect(error.cause, all),
    format('%s %o %j %O', error, error, error, error),
  ].join('\n');
}
