/** Each source from an environment in which every other one would work too: who is asked, and who is not. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { urlOfMetadata } from '../../../src/aws/instance-profile.ts';
import { urlOfAgent } from '../../../src/aws/pod-identity.ts';
import type { CredentialSource } from '../../../src/domain/identity.ts';
import {
  AwsWorld,
  identityWith,
  KEY_OF_ENVIRONMENT,
  ROLE_OF_POD,
} from '../../support/aws/aws-world.ts';
import { FakeImds, KEY_OF_NODE } from '../../support/aws/fake-imds.ts';
import { FakePodIdentityAgent, KEY_OF_AGENT } from '../../support/aws/fake-pod-identity-agent.ts';
import { acceptNodeErrors } from '../../support/one-error-realm.ts';

acceptNodeErrors();

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
});
afterEach(() => world.stop());

type Source = Exclude<CredentialSource['kind'], 'auto'>;

const KEYS: readonly (readonly [Source, string])[] = [
  ['environment', KEY_OF_ENVIRONMENT],
  ['webIdentity', 'ASIASESSION000000001'],
  ['podIdentity', KEY_OF_AGENT],
  ['instanceProfile', KEY_OF_NODE],
];

const BREAK: Readonly<Record<Source, () => void>> = {
  environment: () => world.set({ AWS_ACCESS_KEY_ID: undefined }),
  webIdentity: () => world.set({ AWS_WEB_IDENTITY_TOKEN_FILE: undefined }),
  podIdentity: () => {
    world.agent.mode = { status: 404, code: 'ResourceNotFoundException' };
  },
  instanceProfile: () => {
    world.imds.mode = 'noRole';
  },
};

const VARIABLES: Readonly<Record<Source, readonly string[]>> = {
  environment: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  webIdentity: ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  podIdentity: ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'],
  instanceProfile: ['AWS_EC2_METADATA_DISABLED', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'],
};

/** `explicit` is known to one of them only. */
function sourceOf(kind: Source): CredentialSource {
  return kind === 'webIdentity' ? { kind, explicit: undefined } : { kind };
}

describe.each(KEYS)('the source %s', (kind, key) => {
  const identity = identityWith(sourceOf(kind));

  it('gives its credentials where every other would too, and nobody else is asked', async () => {
    expect(await world.mint(identity)).toBe(key);

    expect(world.asked).toEqual(kind === 'environment' ? [] : [kind]);
  });

  it('gives its credentials where nothing but its own variables is set', async () => {
    const others = Object.entries(VARIABLES).filter(([other]) => other !== kind);
    for (const name of others.flatMap(([, names]) => names)) world.set({ [name]: undefined });

    expect(await world.mint(identity)).toBe(key);
  });

  it('falls through to no other where it has none', async () => {
    BREAK[kind]();

    const error = await world.failure(identity);

    expect(error.code).toBe('AWS_NO_CREDENTIALS');
    expect(world.keysAtEcr).toEqual([]);
    expect(world.asked.filter((other) => other !== kind)).toEqual([]);
  });

  it('gives them again once it can', async () => {
    const variables = { ...process.env };
    BREAK[kind]();
    await world.failure(identity);
    Object.assign(process.env, variables);
    world.agent.mode = 'ok';
    world.imds.mode = 'ok';

    expect(await world.mint(identity)).toBe(key);
  });
});

describe('the source auto', () => {
  it.each([
    ['environment', KEY_OF_ENVIRONMENT, {}],
    ['webIdentity', 'ASIASESSION000000001', { AWS_ACCESS_KEY_ID: undefined }],
    [
      'podIdentity',
      KEY_OF_AGENT,
      { AWS_ACCESS_KEY_ID: undefined, AWS_WEB_IDENTITY_TOKEN_FILE: undefined },
    ],
    [
      'instanceProfile',
      KEY_OF_NODE,
      {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
      },
    ],
  ])('takes %s where nothing before it is there', async (_kind, key, without) => {
    world.set(without);

    expect(await world.mint(identityWith({ kind: 'auto' }))).toBe(key);
  });

  it('is told from ours in CloudTrail by the name of its session', async () => {
    world.set({ AWS_ACCESS_KEY_ID: undefined });
    await world.mint(identityWith({ kind: 'auto' }));

    expect(world.sts.calls[0]?.fields.get('RoleSessionName')).toBe('ecr-pull-secrets');
  });
});

describe('web identity', () => {
  const byVariables = identityWith({ kind: 'webIdentity', explicit: undefined });
  const roleArn = 'arn:aws:iam::222222222222:role/explicit';

  it('asks the STS of the region for the shortest session, under our name', async () => {
    await world.mint(byVariables);

    const [call] = world.sts.calls;
    expect(Object.fromEntries(call?.fields ?? [])).toMatchObject({
      RoleArn: ROLE_OF_POD,
      RoleSessionName: 'ecr-pull-secrets',
      DurationSeconds: '900',
    });
  });

  it.each([
    ['the variable of the SDKs', undefined, 'by-variable'],
    ['the profile, which goes before it', 'by-profile', 'by-profile'],
  ])('takes the name of its session from %s', async (_from, sessionName, expected) => {
    world.set({ AWS_ROLE_SESSION_NAME: 'by-variable' });
    const tokenFile = world.path('web-identity-token');
    world.sts.roles.set(roleArn, { trustsWebIdentity: true });
    await world.mint(
      identityWith({ kind: 'webIdentity', explicit: { roleArn, tokenFile, sessionName } }),
    );

    expect(world.sts.calls[0]?.fields.get('RoleSessionName')).toBe(expected);
  });

  it('takes role and file of the profile, whatever IRSA says', async () => {
    world.write('projected', 'projected-token\n');
    world.sts.liveTokens.add('projected-token');
    world.sts.roles.set(roleArn, { trustsWebIdentity: true });
    const tokenFile = world.path('projected');
    const key = await world.mint(
      identityWith({
        kind: 'webIdentity',
        explicit: { roleArn, tokenFile, sessionName: undefined },
      }),
    );

    expect(world.sts.roleOf(key)).toBe(roleArn);
    expect(world.sts.calls[0]?.fields.get('WebIdentityToken')).toBe('projected-token');
  });

  it.each(['expired', 'unknown'])(
    'takes the new token where the file is rotated while AWS finds the old one %s',
    async (how) => {
      if (how === 'expired') world.sts.staleTokens.add('web-identity-token');
      world.sts.liveTokens.delete('web-identity-token');
      world.sts.liveTokens.add('rotated');
      world.sts.refuse = () => {
        world.write('web-identity-token', 'rotated');
        return undefined;
      };

      await world.mint(byVariables);

      const sent = world.sts.calls.map(({ fields }) => fields.get('WebIdentityToken'));
      expect(sent).toEqual(['web-identity-token', 'rotated']);
    },
  );

  it('asks once only where the file has not changed', async () => {
    world.sts.staleTokens.add('web-identity-token');

    expect((await world.failure(byVariables)).code).toBe('AWS_CREDENTIALS_EXPIRED');
    expect(world.sts.calls).toHaveLength(1);
  });
});

describe('EKS Pod Identity', () => {
  const identity = identityWith({ kind: 'podIdentity' });

  it('sends the token that is in the file now', async () => {
    world.agent.mode = { status: 500, text: 'busy' };
    await world.failure(identity);
    world.agent.mode = 'ok';
    world.agent.liveTokens.add('rotated');
    world.write('pod-token', 'rotated\n');
    await world.mint(identity);

    expect(world.agent.calls).toEqual(['pod-token', 'rotated']);
  });

  it('takes the token of the variable where there is no file', async () => {
    world.set({
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod-token',
    });

    expect(await world.mint(identity)).toBe(KEY_OF_AGENT);
  });

  it.each([
    'http://169.254.170.23/v1/credentials',
    'http://[fd00:ec2::23]/v1/credentials',
    'http://localhost:8080/',
    'https://agent.example.com/v1/credentials',
  ])('may be at %s', (text) => {
    expect(urlOfAgent({ AWS_CONTAINER_CREDENTIALS_FULL_URI: text }).href).toBe(text);
  });

  it.each(['http://agent.example.com/', 'http://[fd00:ec2::24]/', 'http://127.0.0.1.evil/', 'x'])(
    'gets no token at %s',
    async (text) => {
      world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: text });

      expect((await world.failure(identity)).remedy).toContain('[fd00:ec2::23]');
    },
  );

  it('speaks IPv6', async () => {
    const agent = await FakePodIdentityAgent.start('::1');
    world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url });

    expect(await world.mint(identity)).toBe(KEY_OF_AGENT);
    expect(agent.calls).toHaveLength(1);
    await agent.stop();
  });
});

describe('the instance metadata', () => {
  const identity = identityWith({ kind: 'instanceProfile' });

  it('is asked for a token first, and for nothing without it', async () => {
    await world.mint(identity);

    const roles = '/latest/meta-data/iam/security-credentials/';
    expect(world.imds.calls).toEqual([
      'PUT /latest/api/token',
      `GET ${roles}`,
      `GET ${roles}node-role`,
    ]);
  });

  it.each([
    'hopLimit',
    { status: 403 },
    { status: 404 },
    { status: 405 },
    { status: 500 },
  ] as const)('of version 1 is never asked, also where version 2 gives %j', async (mode) => {
    world.hurry();
    world.imds.mode = mode;
    await world.failure(identity);

    expect(world.imds.calls).toEqual(['PUT /latest/api/token']);
  });

  it.each([
    [{}, 'http://169.254.169.254/'],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv4' }, 'http://169.254.169.254/'],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' }, 'http://[fd00:ec2::254]/'],
    [
      {
        AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv4',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://[fd00:ec2::254]',
      },
      'http://[fd00:ec2::254]/',
    ],
  ])('with %j is at %s', (variables, url) => {
    expect(urlOfMetadata(variables).href).toBe(url);
  });

  it('speaks IPv6', async () => {
    const imds = await FakeImds.start('::1');
    world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });

    expect(await world.mint(identity)).toBe(KEY_OF_NODE);
    await imds.stop();
  });
});
