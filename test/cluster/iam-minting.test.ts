/** The roles of docs/aws-permissions.md mint at moto, which asks their policies about each call. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EcrTokenMinter } from '../../src/aws/ecr-token-minter.ts';
import type { RegistryToken } from '../../src/domain/registry-token.ts';
import { useAwsEnvironment } from '../support/aws-environment.ts';
import { anIdentity } from '../support/builders.ts';
import { ACCOUNT, MotoCloud, OTHER_ACCOUNT, REGION } from '../support/moto-cloud.ts';
import { acceptNodeErrors } from '../support/one-error-realm.ts';
import { blocksOf, isForCloudFormation, NOT_RUN, withSetUp } from '../support/permissions-page.ts';
import { realClock } from '../support/real-clock.ts';

acceptNodeErrors();

const INSTALLATION_MS = 300_000;
const CONTROLLER_ROLE = `arn:aws:iam::${ACCOUNT}:role/ecr-pull-secrets`;
const PULL_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/ecr-pull`;

/** As in the SDK's configuration file, whose profiles the default chain follows. */
const CHAIN = `
[profile controller]
role_arn = ${CONTROLLER_ROLE}
web_identity_token_file = TOKEN_FILE
[profile other-account]
source_profile = controller
role_arn = ${PULL_ROLE}
external_id = prod-1/team-a
`;

let cloud: MotoCloud;
let ofWebIdentity: Readonly<Record<string, string>>;
let ofOtherAccount: Readonly<Record<string, string>>;

beforeAll(async () => {
  cloud = await MotoCloud.start();
  const tokenFile = join(cloud.dir, 'web-identity-token');
  const configFile = join(cloud.dir, 'controller-config');
  await writeFile(tokenFile, 'moto.believes.every-token');
  await writeFile(configFile, CHAIN.replace('TOKEN_FILE', tokenFile));
  ofWebIdentity = { AWS_ROLE_ARN: CONTROLLER_ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile };
  ofOtherAccount = { AWS_CONFIG_FILE: configFile, AWS_PROFILE: 'other-account' };
}, INSTALLATION_MS);
afterAll(async () => cloud.stop());
beforeEach(async () => cloud.reset());

/** With these variables and nothing else, while moto judges all but the first call: the one of web identity. */
async function mint(variables: Readonly<Record<string, string>>): Promise<RegistryToken> {
  const restore = useAwsEnvironment({
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: REGION,
    ...variables,
  });
  // Not written in the call: what it is given grows.
  const parts = { clock: realClock, environment: process.env };
  const minter = new EcrTokenMinter(parts);
  try {
    await cloud.judgeAfter(1);
    return await minter.mint(
      anIdentity('default', { region: REGION }),
      new AbortController().signal,
    );
  } finally {
    minter.close();
    restore();
    await cloud.judgeAfter(Infinity);
  }
}

async function run(blocks: readonly string[]): Promise<void> {
  for (const text of blocks) await cloud.shell(withSetUp(text));
}

/** The controller's role, which may assume the role in the other account, and that one. */
const WAYS: Readonly<Record<string, () => Promise<void>>> = {
  templates: async () => {
    const [controller = ''] = blocksOf('Web identity').filter(isForCloudFormation);
    await run([`${controller.trimEnd()} AssumableRoleArns=${PULL_ROLE}`]);
    await run(blocksOf('A role in another account').filter(isForCloudFormation));
  },
  commands: async () => {
    const blocks = [...blocksOf('Web identity'), ...blocksOf('A role in another account')];
    await run(blocks.filter((text) => !isForCloudFormation(text) && !NOT_RUN.test(text)));
  },
};

describe.each(Object.keys(WAYS))('what the %s make', (way) => {
  beforeEach(async () => WAYS[way]?.());

  it('mints with a web identity, and with the role in the other account', async () => {
    const tokens = [await mint(ofWebIdentity), await mint(ofOtherAccount)];
    expect(tokens.map(({ ownRegistry }) => ownRegistry)).toEqual([
      `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`,
      `${OTHER_ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`,
    ]);
  });

  it('needs the right to mint on the role that mints only', async () => {
    await forget('ecr-pull');
    await expect(mint(ofWebIdentity)).rejects.toMatchObject({ eventReason: 'TokenRequestDenied' });
    expect((await mint(ofOtherAccount)).ownRegistry).toMatch(OTHER_ACCOUNT);
  });

  it('gets no token with a role that it may not assume', async () => {
    await forget('assume-pull-roles');
    await expect(mint(ofOtherAccount)).rejects.toMatchObject({ eventReason: 'TokenRequestDenied' });
  });
});

/** Takes a policy from the controller's role. */
async function forget(policy: string): Promise<void> {
  const from = ['--role-name', 'ecr-pull-secrets', '--policy-name', policy];
  await cloud.aws('iam', 'delete-role-policy', ...from);
}
