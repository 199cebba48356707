/**
 * An independent imitation of AWS: a web identity through STS, a token from ECR, and an expiry that is not credible.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { INSTALLED_AS } from '../../support/cluster/install.ts';
import { type Moto, startMoto } from '../../support/aws/moto.ts';
import { noteOf, secretPath } from '../../support/cluster/opted-in.ts';
import { describeRequest, isWrite } from '../../support/cluster/our-requests.ts';
import { Rig } from '../../support/cluster/rig.ts';

const HOUR_MS = 3_600_000;
const NAMESPACES = ['moto-0', 'moto-1', 'moto-2'];

describe('minting from moto with a web identity', () => {
  let rig: Rig;
  let moto: Moto;

  beforeAll(async () => {
    [rig, moto] = await Promise.all([Rig.open({ controlPlane: 'shared' }), startMoto()]);
    await rig.run({ awsUrl: moto.url, env: await webIdentity(rig) });
    for (const name of NAMESPACES) await rig.optIn(name);
    await rig.untilAllReady(NAMESPACES);
  });
  closeAfterAll(() => [rig, moto]);

  it('gives every namespace the token', async () => {
    for (const name of NAMESPACES) await expectTokenOf('123456789012', rig, name);
  });

  it('treats an expiry of 2015 as one hour, and warns', async () => {
    const secret = await rig.secret('moto-0');
    const tokens = noteOf(secret, 'tokens') ?? '';
    const [token] = JSON.parse(tokens) as [{ mintedAt: string; expiresAt: string }];
    expect(Date.parse(token.expiresAt) - Date.parse(token.mintedAt)).toBe(HOUR_MS);
    expect(noteOf(secret, 'expires-at')).toBe(token.expiresAt);

    expect(await rig.controller.logged('minting token failed')).toMatchObject({
      level: 'warn',
      code: 'ECR_UNTRUSTED_EXPIRY',
    });
  });

  it('calls ECR once and writes each Secret once, however often it reconciles', async () => {
    await rig.requeue(...NAMESPACES);
    await rig.requeue(...NAMESPACES);

    const metrics = await rig.controller.metrics();
    const untrusted = { profile: 'default', result: 'untrusted_expiry' };
    expect(metrics.value('ecr_pull_secrets_token_requests_total', untrusted)).toBe(1);
    expect(metrics.value('ecr_pull_secrets_token_requests_total')).toBe(1);
    const writes = (await rig.requests()).filter(isWrite);
    const ofSecrets = writes.filter(({ resource }) => resource === 'secrets');
    expect(ofSecrets.map(describeRequest)).toEqual(
      expect.arrayContaining(NAMESPACES.map((name) => `patch secrets ${name}/ecr-pull-secret 201`)),
    );
    expect(ofSecrets).toHaveLength(NAMESPACES.length);
  });

  it('leaves no token anywhere else, and is refused nothing', async () => {
    expect(await rig.violations()).toEqual([]);
    expect(rig.controller.output).not.toContain('auth-token');
  });
});

/** The Secret has only the token of this account. */
async function expectTokenOf(account: string, { admin }: Rig, namespace: string): Promise<void> {
  const { data } = await admin.get(secretPath(namespace));
  const text = (data as Readonly<Record<string, string>>)['.dockerconfigjson'] ?? '';
  const auth = Buffer.from(`AWS:${account}-auth-token`).toString('base64');
  expect(JSON.parse(Buffer.from(text, 'base64').toString())).toEqual({
    auths: { [`${account}.dkr.ecr.eu-west-1.amazonaws.com`]: { auth } },
  });
}

/** As IRSA sets it up: no keys, a role, and the token of our ServiceAccount in a file. */
async function webIdentity({ controlPlane }: Rig): Promise<Readonly<Record<string, string>>> {
  const kubeconfig = await controlPlane.kubeconfigFor(INSTALLED_AS);
  const tokenFile = join(controlPlane.dir, 'web-identity-token');
  const token = await readFile(kubeconfig.replace(/kubeconfig$/, 'token'), 'utf8');
  await writeFile(tokenFile, token, { mode: 0o600 });
  return {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/puller',
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
  };
}
