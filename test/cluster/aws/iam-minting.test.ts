/** The roles of docs/aws-permissions.md mint at moto, which checks their policies for each call. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../src/domain/token/registry-token.ts';
import { useAwsEnvironment } from '../../support/aws/aws-environment.ts';
import { anIdentity } from '../../support/values/builders.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { ACCOUNT, MotoCloud, OTHER_ACCOUNT, REGION } from '../../support/aws/moto-cloud.ts';
import {
  blocksOf,
  isForCloudFormation,
  NOT_RUN,
  withSetUp,
} from '../../support/aws/permissions-page.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

const INSTALLATION_MS = 300_000;
const CONTROLLER_ROLE = `arn:aws:iam::${ACCOUNT}:role/ecr-pull-secrets`;
const PULL_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/ecr-pull`;

const ofWebIdentity = anIdentity('default', {
  source: { kind: 'webIdentity', explicit: undefined },
  region: REGION,
});
const ofOtherAccount: Identity = {
  ...ofWebIdentity,
  assumeRole: [
    {
      roleArn: PULL_ROLE,
      externalId: 'prod-1/team-a',
      sessionName: undefined,
      sessionTags: { cluster: 'prod-1', profile: 'team-a' },
    },
  ],
};

let cloud: MotoCloud;
let tokenFile: string;

beforeAll(async () => {
  cloud = await MotoCloud.start();
  tokenFile = join(cloud.dir, 'web-identity-token');
  await writeFile(tokenFile, 'moto.believes.every-token');
}, INSTALLATION_MS);
closeAfterAll(() => [cloud]);
beforeEach(async () => cloud.reset());

/** With only IRSA's variables. moto checks every call except the first, which is the one with the web identity. */
async function mint(identity: Identity): Promise<RegistryToken> {
  const restore = useAwsEnvironment({
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: REGION,
    AWS_ROLE_ARN: CONTROLLER_ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
  });
  const minter = new EcrTokenMinter({ clock: systemClock, environment: process.env });
  try {
    await cloud.judgeAfter(1);
    return await minter.mint(identity, new AbortController().signal);
  } finally {
    minter.close();
    restore();
    await cloud.judgeAfter(Infinity);
  }
}

async function run(blocks: readonly string[]): Promise<void> {
  for (const text of blocks) await cloud.shell(withSetUp(text));
}

/** Creates the controller's role, which may assume the role in the other account, and that other role. */
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

describe.each(Object.keys(WAYS))('what the %s create', (way) => {
  beforeEach(async () => WAYS[way]?.());

  it('mints with a web identity, and with the role in the other account', async () => {
    const tokens = [await mint(ofWebIdentity), await mint(ofOtherAccount)];
    expect(tokens.map(({ ownRegistry }) => ownRegistry)).toEqual([
      `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`,
      `${OTHER_ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`,
    ]);
  });

  it('needs the permission to mint only on the role that mints', async () => {
    await forget('ecr-pull');
    await expect(mint(ofWebIdentity)).rejects.toMatchObject({ eventReason: 'TokenRequestDenied' });
    expect((await mint(ofOtherAccount)).ownRegistry).toMatch(OTHER_ACCOUNT);
  });

  it('gets no token with a role that it may not assume', async () => {
    await forget('assume-pull-roles');
    await expect(mint(ofOtherAccount)).rejects.toMatchObject({ eventReason: 'TokenRequestDenied' });
  });
});

/** Removes a policy from the controller's role. */
async function forget(policy: string): Promise<void> {
  const from = ['--role-name', 'ecr-pull-secrets', '--policy-name', policy];
  await cloud.aws('iam', 'delete-role-policy', ...from);
}
