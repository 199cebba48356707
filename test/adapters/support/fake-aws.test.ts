/** The fake AWS against the real SDK: a fake that the SDK reads differently would prove nothing. */
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { fromTokenFile } from '@aws-sdk/credential-providers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANARY, holdsCanary } from '../../support/canary.ts';
import { FakeAws } from '../../support/fake-aws.ts';
import { passwordOf, tokenNumberOf } from '../../../src/simulator/aws/token-password.ts';

describe('FakeAws', () => {
  let aws: FakeAws;
  let client: ECRClient;

  beforeEach(async () => {
    aws = await FakeAws.start({ tokenLifeMs: 60_000 });
    client = new ECRClient({
      region: 'eu-west-1',
      endpoint: aws.url,
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' },
    });
  });
  afterEach(async () => {
    client.destroy();
    await aws.stop();
  });
  const mint = async (signal?: AbortSignal) =>
    client.send(
      new GetAuthorizationTokenCommand({}),
      signal === undefined ? {} : { abortSignal: signal },
    );

  it('mints numbered tokens of a real length, in the region that signs', async () => {
    const before = Date.now();
    await mint();
    const { authorizationData } = await mint();

    const [data] = authorizationData ?? [];
    const token = data?.authorizationToken ?? '';
    const [user, password] = Buffer.from(token, 'base64').toString().split(':');
    expect(user).toBe('AWS');
    expect(tokenNumberOf(password ?? '')).toBe(2);
    expect(token.length).toBeGreaterThan(2_400);
    expect(data?.expiresAt?.getTime()).toBeGreaterThanOrEqual(before + 60_000 - 1);
    expect(data?.proxyEndpoint).toBe('https://123456789012.dkr.ecr.eu-west-1.amazonaws.com');
    expect(
      aws.calls.map(({ action, region, accessKeyId }) => [action, region, accessKeyId]),
    ).toEqual([1, 2].map(() => ['GetAuthorizationToken', 'eu-west-1', 'AKIAFAKE']));
  });

  it.each([
    ['throttle', 'ThrottlingException'],
    ['server-error', 'ServerException'],
    ['deny', 'AccessDeniedException'],
    ['expired-credentials', 'ExpiredTokenException'],
    ['unknown-key', 'UnrecognizedClientException'],
  ] as const)('answers %s as the SDK knows it', async (kind, name) => {
    aws.ecrMode = { kind };

    await expect(mint()).rejects.toMatchObject({ name });
    expect(aws.tokensMinted).toBe(0);
  });

  it('hangs until the client gives up', async () => {
    aws.ecrMode = { kind: 'hang' };

    await expect(mint(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'AbortError' });
    expect(aws.calls).toHaveLength(1);
  });

  it('answers a past expiry and junk with status 200', async () => {
    aws.ecrMode = { kind: 'expiry', expiresAt: 'past' };
    expect((await mint()).authorizationData?.[0]?.expiresAt?.getUTCFullYear()).toBe(2015);

    aws.ecrMode = { kind: 'junk', junk: 'empty-list' };
    expect((await mint()).authorizationData).toEqual([]);
  });

  it('serves web identity', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'fake-aws-'));
    const webIdentityTokenFile = join(dir, 'token');
    await writeFile(webIdentityTokenFile, 'a.b.c');

    const credentials = await fromTokenFile({
      webIdentityTokenFile,
      roleArn: 'arn:aws:iam::123456789012:role/pull',
      clientConfig: { endpoint: aws.url, region: 'eu-west-1' },
    })();

    expect(credentials.accessKeyId).toMatch(/^ASIAFAKE/);
    expect(aws.calls).toMatchObject([{ service: 'sts', action: 'AssumeRoleWithWebIdentity' }]);
    await rm(dir, { recursive: true });
  });
});

describe('holdsCanary', () => {
  const auth = Buffer.from(`AWS:${passwordOf(7, CANARY)}`).toString('base64');
  const config = JSON.stringify({ auths: { 'a.example': { auth } } });

  it.each([
    ['plain', `password=${passwordOf(7, CANARY)}`],
    ['as auth', config],
    ['as the data of a Secret', Buffer.from(config).toString('base64')],
    ['cut after 60 characters', passwordOf(7, CANARY).slice(0, 60)],
  ])('finds it %s', (_, output) => {
    expect(holdsCanary(output)).toBe(true);
  });

  it('finds nothing in other text', () => {
    expect(holdsCanary(`token minted, number 7, ${CANARY.length} characters`)).toBe(false);
  });
});
