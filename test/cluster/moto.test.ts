/** moto, without an SDK: that it runs, and the one thing that makes it unfit for testing rotation. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { startMoto, type Moto } from '../support/moto.ts';

describe('moto', () => {
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => moto.stop());

  it('mints an ECR token, and says that it expired in 2015', async () => {
    const scope = 'AKIAFAKE/20261123/eu-west-1/ecr/aws4_request';
    const { statusCode, body } = await request(moto.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      },
      body: '{}',
    });

    expect(statusCode).toBe(200);
    const { authorizationData } = (await body.json()) as {
      authorizationData: readonly { authorizationToken: string; expiresAt: number }[];
    };
    const [data] = authorizationData;
    const token = Buffer.from(data?.authorizationToken ?? '', 'base64').toString();
    expect(token).toBe('AWS:123456789012-auth-token');
    expect(new Date((data?.expiresAt ?? 0) * 1000).getUTCFullYear()).toBe(2015);
  });
});
