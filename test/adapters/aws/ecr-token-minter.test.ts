/** The real SDK against a loopback server. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { anIdentity } from '../../support/builders.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import {
  ControllerError,
  StalledError,
  TransientError,
  renderError,
} from '../../../src/domain/errors.ts';
import { useAwsEnvironment } from '../../support/aws-environment.ts';
import {
  agentAnswer,
  ecrError,
  EcrStub,
  json,
  REQUEST_ID,
  type Reply,
  stsError,
  tokenAnswer,
  webIdentityAnswer,
} from '../../support/ecr-stub.ts';
import { acceptNodeErrors } from '../../support/one-error-realm.ts';
import { realClock } from '../../support/real-clock.ts';

acceptNodeErrors();

const never = new AbortController().signal;
const identity = anIdentity('default', { hash: 'a'.repeat(64) });
/** Of real time: a busy machine takes a while to load what the SDK loads late. */
const timeouts = { connectionMs: 1_000, requestMs: 1_000, credentialsMs: 1_000 };
const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

let stub: EcrStub;
let folder: string;
let minter: EcrTokenMinter;
let offsets: number[];
let restore: () => void;

beforeEach(async () => {
  stub = await EcrStub.start();
  folder = mkdtempSync(join(tmpdir(), 'ecr-token-minter-'));
  offsets = [];
  minter = new EcrTokenMinter({
    clock: realClock,
    environment: process.env,
    timeouts,
    clockOffset: (offsetMs) => offsets.push(offsetMs),
  });
  useEnvironment(keys);
});

afterEach(async () => {
  minter.close();
  restore();
  rmSync(folder, { recursive: true });
  await stub.stop();
});

function useEnvironment(variables: Readonly<Record<string, string>>): void {
  restore = useAwsEnvironment({
    AWS_ENDPOINT_URL_ECR: stub.url,
    AWS_ENDPOINT_URL_STS: stub.url,
    ...variables,
  });
}

/** Credentials as IRSA gives them: a role and a file with a web identity token. */
function useWebIdentity(token: string | undefined = 'web-identity-token'): string {
  const file = join(folder, 'token');
  if (token !== undefined) writeFileSync(file, token);
  restore();
  useEnvironment({
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/puller',
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ROLE_SESSION_NAME: 'ecr-pull-secrets',
  });
  return file;
}

async function failure(signal = never): Promise<ControllerError> {
  const error: unknown = await minter.mint(identity, signal).catch((reason: unknown) => reason);
  if (error instanceof ControllerError) return error;
  throw new Error('no ControllerError', { cause: error });
}

describe('EcrTokenMinter', () => {
  describe('a good answer', () => {
    it('becomes a token with the expiry that AWS gave', async () => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
      stub.answers.ecr = () => tokenAnswer({ password: 'pass:word', expiresAt });

      const token = await minter.mint(identity, never);

      expect(atob(token.authorization.reveal())).toBe('AWS:pass:word');
      expect(token).toMatchObject({
        identity,
        expiresAt: new Date(expiresAt * 1_000),
        expiryTrusted: true,
        ownRegistry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      });
      expect(stub.calls).toHaveLength(1);
      expect(stub.calls[0]?.headers.authorization).toContain('/eu-west-1/ecr/aws4_request');
    });

    it.each([undefined, 1_420_070_400, 4_102_444_800])(
      'counts as an hour where its expiry is %p',
      async (expiresAt) => {
        const [item] = JSON.parse(tokenAnswer({}).body).authorizationData as object[];
        stub.answers.ecr = () => tokenAnswer({ data: [{ ...item, expiresAt }] });

        const token = await minter.mint(identity, never);

        expect(token.expiryTrusted).toBe(false);
        expect(token.expiresAt.getTime() - token.mintedAt.getTime()).toBe(3_600_000);
      },
    );

    it("tells how far AWS's clock is ahead, also with a refusal", async () => {
      const date = new Date(Date.now() + 600_000).toUTCString();
      stub.answers.ecr = () => ({ ...tokenAnswer({}), headers: { date } });
      await minter.mint(identity, never);
      stub.answers.ecr = () => ({ ...ecrError(400, 'AccessDeniedException'), headers: { date } });
      await failure();

      expect(offsets).toHaveLength(2);
      for (const offset of offsets) expect(Math.abs(offset - 600_000)).toBeLessThan(5_000);
    });
  });

  describe('a refusal', () => {
    const refusals: readonly (readonly [string, Reply, string, string, boolean])[] = [
      [
        'access denied',
        ecrError(400, 'AccessDeniedException'),
        'ECR_ACCESS_DENIED',
        'TokenRequestDenied',
        true,
      ],
      [
        'throttling',
        ecrError(400, 'ThrottlingException'),
        'ECR_THROTTLED',
        'TokenRequestThrottled',
        false,
      ],
      [
        '429 of any name',
        ecrError(429, 'Whatever'),
        'ECR_THROTTLED',
        'TokenRequestThrottled',
        false,
      ],
      [
        'a server fault',
        ecrError(500, 'ServerException'),
        'ECR_UNAVAILABLE',
        'TokenRequestFailed',
        false,
      ],
      [
        'a gateway',
        { status: 503, body: '<html>busy</html>' },
        'ECR_UNAVAILABLE',
        'TokenRequestFailed',
        false,
      ],
      [
        'a proxy',
        { status: 403, body: '<html>no</html>' },
        'ECR_ACCESS_DENIED',
        'TokenRequestDenied',
        true,
      ],
      [
        'an unknown client',
        ecrError(400, 'UnrecognizedClientException'),
        'ECR_WRONG_REGION',
        'TokenRequestFailed',
        true,
      ],
      [
        'a clock that is wrong',
        ecrError(400, 'InvalidSignatureException', 'Signature expired: 2026'),
        'AWS_CLOCK_SKEW',
        'TokenRequestFailed',
        true,
      ],
      [
        'a wrong secret key',
        ecrError(400, 'InvalidSignatureException', 'does not match'),
        'AWS_BAD_SIGNATURE',
        'TokenRequestFailed',
        true,
      ],
      [
        'a page instead of JSON',
        { status: 200, body: '<html>log in</html>' },
        'ECR_INVALID_ANSWER',
        'TokenRequestFailed',
        false,
      ],
      [
        'something new',
        ecrError(400, 'BrandNewException'),
        'AWS_REQUEST_FAILED',
        'TokenRequestFailed',
        false,
      ],
    ];

    it.each(refusals)(
      'by %s is one call and an error with its reaction',
      async (_name, reply, code, eventReason, mustAct) => {
        stub.answers.ecr = () => reply;

        const error = await failure();

        expect(error).toMatchObject({ code, eventReason });
        expect(error).toBeInstanceOf(mustAct ? StalledError : TransientError);
        expect(renderError(error)).toMatch(/^minting ECR token in eu-west-1: .+/);
        expect(renderError(error)).toContain(`request ${REQUEST_ID}`);
        expect(stub.calls).toHaveLength(1);
      },
    );

    it('names who was denied to administrators only', async () => {
      const principal = 'arn:aws:sts::123456789012:assumed-role/puller/session';
      stub.answers.ecr = () =>
        ecrError(
          400,
          'AccessDeniedException',
          `User: ${principal} is not authorized to perform: x`,
        );

      const error = await failure();

      expect(renderError(error)).not.toContain('123456789012');
      expect(String(error.cause)).toContain(principal);
    });
  });

  describe('the network', () => {
    it.each(['hang', 'drip'] as const)(
      'that lets an answer %s is given up in time',
      async (answer) => {
        stub.answers.ecr = () => answer;

        const error = await failure(AbortSignal.timeout(500));

        expect(error).toMatchObject({ code: 'ECR_TIMEOUT', eventReason: 'TokenRequestFailed' });
        expect(await noConnections()).toBe(true);
      },
    );

    it('that cuts the connection, or refuses it, is unavailable', async () => {
      stub.answers.ecr = () => 'cut';
      expect(await failure()).toMatchObject({ code: 'ECR_UNAVAILABLE' });

      restore();
      useEnvironment({ ...keys, AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:1' });
      minter.close();
      const refused = await failure();
      expect(refused).toMatchObject({ code: 'ECR_UNAVAILABLE' });
      expect(renderError(refused)).toContain('ECONNREFUSED');
    });

    it('that knows no such host is a matter of configuration', async () => {
      restore();
      useEnvironment({ ...keys, AWS_ENDPOINT_URL_ECR: 'http://ecr.invalid' });

      expect(await failure(AbortSignal.timeout(3_000))).toMatchObject({
        code: expect.stringMatching(/^ECR_(WRONG_ENDPOINT|UNAVAILABLE|TIMEOUT)$/),
      });
    });

    it('is not waited for by a caller who has gone', async () => {
      stub.answers.ecr = () => 'hang';
      const gone = AbortSignal.abort();

      expect(await failure(gone)).toBeInstanceOf(TransientError);
    });
  });

  describe('credentials', () => {
    it('that have expired are asked for anew, once', async () => {
      useWebIdentity();
      let call = 0;
      stub.answers.sts = () => webIdentityAnswer(`ASIAIOSFODNN7EXAMPL${++call}`);
      stub.answers.ecr = ({ headers }) =>
        headers.authorization?.includes('EXAMPL1') === true
          ? ecrError(400, 'ExpiredTokenException')
          : tokenAnswer({});

      await minter.mint(identity, never);

      expect(stub.callsOf('sts')).toHaveLength(2);
      expect(stub.callsOf('ecr')).toHaveLength(2);
    });

    it('that stay expired are no reason to go on', async () => {
      stub.answers.ecr = () => ecrError(400, 'ExpiredTokenException');

      expect(await failure()).toMatchObject({ code: 'AWS_CREDENTIALS_EXPIRED' });
      expect(stub.calls).toHaveLength(2);
    });

    it('come from a web identity, whose file is read anew each time', async () => {
      const file = useWebIdentity('first');
      stub.answers.ecr = () => ecrError(400, 'ExpiredTokenException');
      await failure();
      writeFileSync(file, 'second');
      stub.answers.ecr = () => tokenAnswer({});
      minter.close();
      await minter.mint(identity, never);

      const sent = stub.callsOf('sts').map(({ body }) => new URLSearchParams(body));
      expect(sent.map((form) => form.get('WebIdentityToken'))).toEqual([
        'first',
        'first',
        'second',
      ]);
      expect(sent[0]?.get('RoleSessionName')).toBe('ecr-pull-secrets');
    });

    it('are kept between mints', async () => {
      useWebIdentity();
      await minter.mint(identity, never);
      await minter.mint(identity, never);

      expect(stub.callsOf('sts')).toHaveLength(1);
    });

    it.each([
      ['AccessDenied', 403, 'AWS_CREDENTIALS_DENIED', 'TokenRequestDenied'],
      ['InvalidIdentityToken', 400, 'AWS_CREDENTIALS_DENIED', 'TokenRequestDenied'],
      ['Throttling', 400, 'AWS_CREDENTIALS_THROTTLED', 'TokenRequestThrottled'],
      ['InternalFailure', 500, 'AWS_CREDENTIALS_UNAVAILABLE', 'TokenRequestFailed'],
      ['ExpiredTokenException', 400, 'AWS_CREDENTIALS_EXPIRED', 'TokenRequestFailed'],
    ])(
      'that STS refuses with %s are one call and name the provider',
      async (name, status, code, eventReason) => {
        useWebIdentity();
        stub.answers.sts = () => stsError(status, name);

        const error = await failure();

        expect(error).toMatchObject({ code, eventReason });
        expect(renderError(error)).toContain('getting AWS credentials (web identity (IRSA))');
        expect(renderError(error)).toContain(REQUEST_ID);
        expect(stub.calls).toHaveLength(1);
      },
    );

    it('that STS does not give in time are given up', async () => {
      useWebIdentity();
      stub.answers.sts = () => 'hang';

      expect(await failure()).toMatchObject({ code: 'AWS_CREDENTIALS_TIMEOUT' });
    });

    it('are missed where the web identity token file is', async () => {
      rmSync(useWebIdentity());

      const error = await failure();

      expect(error).toMatchObject({ code: 'AWS_NO_CREDENTIALS' });
      expect(renderError(error)).toContain('web identity (IRSA)');
      expect(renderError(error)).toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
    });

    it('come from the Pod Identity agent', async () => {
      usePodIdentity();
      stub.answers.agent = ({ headers }) =>
        headers.authorization === 'pod-token' ? agentAnswer() : json(401, {});

      await minter.mint(identity, never);

      expect(stub.callsOf('agent')).toHaveLength(1);
    });

    it.each([
      ['refuses', json(403, {})],
      ['fails', json(500, {})],
    ])('are missed where the Pod Identity agent %s, without retries', async (_name, answer) => {
      usePodIdentity();
      stub.answers.agent = () => answer;

      const error = await failure();

      expect(error).toMatchObject({ code: 'AWS_NO_CREDENTIALS' });
      expect(renderError(error)).toContain('getting AWS credentials (EKS Pod Identity)');
      // The SDK asks as EKS and then as ECS does.
      expect(stub.callsOf('agent')).toHaveLength(2);
    });

    it('are given up where the Pod Identity agent is silent, and had when it speaks again', async () => {
      usePodIdentity();
      stub.answers.agent = () => 'hang';
      const warn = jest.spyOn(console, 'warn').mockReturnValue();
      const error = await failure();
      warn.mockRestore();

      expect(error).toMatchObject({ code: 'AWS_CREDENTIALS_TIMEOUT' });
      expect(renderError(error)).toContain('EKS Pod Identity');
      stub.answers.agent = () => agentAnswer();
      await minter.mint(identity, never);
    });

    it('are missed with the providers named and the mend', async () => {
      restore();
      useEnvironment({});

      const error = await failure();

      expect(error).toBeInstanceOf(StalledError);
      expect(error.code).toBe('AWS_NO_CREDENTIALS');
      for (const part of ['AWS_EC2_METADATA_DISABLED', 'IRSA', 'Pod Identity', 'hop limit 2']) {
        expect(renderError(error)).toContain(part);
      }
    });

    it('are missed with the hop limit named where the instance metadata is out of reach', async () => {
      restore();
      useEnvironment({
        AWS_EC2_METADATA_DISABLED: 'false',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
      });

      const error = await failure();

      expect(renderError(error)).toContain('(instance metadata)');
      expect(renderError(error)).toContain('hop limit 2');
    });
  });

  it('shows nothing of an answer or a credential in any error, however it is printed', async () => {
    const canary = 'canary0123456789';
    const reply = ecrError(400, 'AccessDeniedException', `token ${canary}`);
    const answers: Reply[] = [
      reply,
      { ...reply, headers: { 'x-canary': canary } },
      { status: 200, body: canary },
      tokenAnswer({ data: [{ authorizationToken: canary, proxyEndpoint: canary }] }),
      ecrError(500, 'ServerException', canary),
      ecrError(400, 'ExpiredTokenException', canary),
      ecrError(
        400,
        'InvalidSignatureException',
        `canonical request: x-amz-security-token:${canary}`,
      ),
    ];
    restore();
    useEnvironment({
      AWS_ACCESS_KEY_ID: `AKIA${canary}`,
      AWS_SECRET_ACCESS_KEY: canary,
      AWS_SESSION_TOKEN: canary,
    });

    for (const answer of answers) {
      stub.answers.ecr = () => answer;
      expect(printed(await failure())).not.toContain(canary);
    }

    minter.close();
    useWebIdentity(canary);
    for (const answer of [stsError(403, 'AccessDenied', canary), { status: 200, body: canary }]) {
      stub.answers.sts = () => answer;
      expect(printed(await failure())).not.toContain(canary);
    }
  });

  function usePodIdentity(): void {
    const file = join(folder, 'pod-token');
    writeFileSync(file, 'pod-token');
    restore();
    useEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stub.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    });
  }

  async function noConnections(): Promise<boolean> {
    for (let turn = 0; turn < 200; turn++) {
      if ((await stub.connections()) === 0) return true;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    return false;
  }
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
