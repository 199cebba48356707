/** Each source in an environment where every other source would work too: which one is asked, and which are not. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { urlOfMetadata } from '../../../../src/aws/credentials/instance-profile.ts';
import { urlOfAgent } from '../../../../src/aws/credentials/pod-identity.ts';
import type { CredentialSource } from '../../../../src/domain/identity.ts';
import {
  AwsWorld,
  identityWith,
  KEY_OF_ENVIRONMENT,
  KEY_OF_SESSION,
  type Place,
  ROLE_OF_POD,
  type Source,
} from '../../../support/aws/aws-world.ts';
import { eksError, textAnswer } from '../../../support/aws/answers.ts';
import { KEY_OF_AGENT, KEY_OF_NODE, ROLES_PATH } from '../../../support/aws/node-endpoints.ts';
import { serveAws } from '../../../support/aws/fake-aws.ts';

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
});
afterEach(() => world.stop());

const KEYS: readonly (readonly [Source, string, readonly Place[]])[] = [
  ['environment', KEY_OF_ENVIRONMENT, []],
  ['webIdentity', KEY_OF_SESSION, ['sts']],
  ['podIdentity', KEY_OF_AGENT, ['agent']],
  ['instanceProfile', KEY_OF_NODE, ['imds']],
];

const BREAK: Readonly<Record<Source, () => void>> = {
  environment: () => world.set({ AWS_ACCESS_KEY_ID: undefined }),
  webIdentity: () => world.set({ AWS_WEB_IDENTITY_TOKEN_FILE: undefined }),
  podIdentity: () => {
    world.scripts.agent = () => eksError(404, 'ResourceNotFoundException');
  },
  instanceProfile: () => {
    world.scripts.imds = ({ method }) => (method === 'GET' ? textAnswer(404) : undefined);
  },
};

/** `explicit` is known to only one of them. */
function sourceOf(kind: Source): CredentialSource {
  return kind === 'webIdentity' ? { kind, explicit: undefined } : { kind };
}

describe.each(KEYS)('the source %s', (kind, key, places) => {
  const identity = identityWith(sourceOf(kind));

  it('returns its credentials even if every other source would work, and no other is asked', async () => {
    expect(await world.keyFor(identity)).toBe(key);

    expect(world.asked).toEqual(places);
  });

  it('returns its credentials if only its own variables are set', async () => {
    world.only(kind);

    expect(await world.keyFor(identity)).toBe(key);
  });

  it('does not fall back to another source if it has none', async () => {
    BREAK[kind]();

    const error = await world.failure(identity);

    expect(error.code).toBe('AWS_NO_CREDENTIALS');
    expect(world.keysAtEcr).toEqual([]);
    expect(world.asked.filter((place) => !places.includes(place))).toEqual([]);
  });

  it('returns them again once it can', async () => {
    const variables = { ...process.env };
    BREAK[kind]();
    await world.failure(identity);
    Object.assign(process.env, variables);
    world.scripts.agent = world.scripts.imds = () => undefined;

    expect(await world.keyFor(identity)).toBe(key);
  });
});

describe('the source auto', () => {
  it.each(KEYS.map((row, index) => [...row, KEYS.slice(index).map(([kind]) => kind)] as const))(
    'chooses %s if no source before it is there',
    async (_kind, key, places, left) => {
      world.only(...left);

      expect(await world.keyFor(identityWith({ kind: 'auto' }))).toBe(key);
      expect(world.asked).toEqual(places);
      expect(world.requests('agent')).toHaveLength(places.includes('agent') ? 1 : 0);
    },
  );

  it('differs from our own sources in CloudTrail by the name of its session', async () => {
    world.set({ AWS_ACCESS_KEY_ID: undefined });
    await world.mint(identityWith({ kind: 'auto' }));

    expect(world.requests('sts')[0]?.fields.get('RoleSessionName')).toBe('ecr-pull-secrets');
  });
});

describe('web identity', () => {
  const byVariables = identityWith({ kind: 'webIdentity', explicit: undefined });
  const roleArn = 'arn:aws:iam::222222222222:role/explicit';

  it('asks the STS of the region for the shortest session, under our name', async () => {
    await world.mint(byVariables);

    const [call] = world.requests('sts');
    expect(Object.fromEntries(call?.fields ?? [])).toMatchObject({
      RoleArn: ROLE_OF_POD,
      RoleSessionName: 'ecr-pull-secrets',
      DurationSeconds: '900',
    });
  });

  it.each([
    ['the variable of the AWS SDKs', undefined, 'by-variable'],
    ['the profile, which takes precedence', 'by-profile', 'by-profile'],
  ])('takes the name of its session from %s', async (_from, sessionName, expected) => {
    world.set({ AWS_ROLE_SESSION_NAME: 'by-variable' });
    const tokenFile = world.path('web-identity-token');
    world.trust.roles.set(roleArn, { trustsWebIdentity: true });
    await world.mint(
      identityWith({ kind: 'webIdentity', explicit: { roleArn, tokenFile, sessionName } }),
    );

    expect(world.requests('sts')[0]?.fields.get('RoleSessionName')).toBe(expected);
  });

  it('uses the role and file of the profile, whatever IRSA sets', async () => {
    world.write('projected', 'projected-token\n');
    world.trust.liveTokens.add('projected-token');
    world.trust.roles.set(roleArn, { trustsWebIdentity: true });
    const tokenFile = world.path('projected');
    const key = await world.keyFor(
      identityWith({
        kind: 'webIdentity',
        explicit: { roleArn, tokenFile, sessionName: undefined },
      }),
    );

    expect(world.roleOf(key)).toBe(roleArn);
    expect(world.requests('sts')[0]?.fields.get('WebIdentityToken')).toBe('projected-token');
  });

  it.each(['expired', 'unknown'])(
    'uses the new token if the file is rotated while AWS answers that the old one is %s',
    async (how) => {
      if (how === 'expired') world.trust.staleTokens.add('web-identity-token');
      world.trust.liveTokens.delete('web-identity-token');
      world.trust.liveTokens.add('rotated');
      world.scripts.sts = () => {
        world.write('web-identity-token', 'rotated');
        return undefined;
      };

      await world.mint(byVariables);

      const sent = world.requests('sts').map(({ fields }) => fields.get('WebIdentityToken'));
      expect(sent).toEqual(['web-identity-token', 'rotated']);
    },
  );

  it('asks only once if the file has not changed', async () => {
    world.trust.staleTokens.add('web-identity-token');

    expect((await world.failure(byVariables)).code).toBe('AWS_CREDENTIALS_EXPIRED');
    expect(world.requests('sts')).toHaveLength(1);
  });
});

describe('EKS Pod Identity', () => {
  const identity = identityWith({ kind: 'podIdentity' });

  it('sends the token that is in the file now', async () => {
    world.scripts.agent = () => textAnswer(500, 'busy');
    await world.failure(identity);
    delete world.scripts.agent;
    world.podTokens.add('rotated');
    world.write('pod-token', 'rotated\n');
    await world.mint(identity);

    const sent = world.requests('agent').map(({ headers }) => headers['authorization']);
    expect(sent).toEqual(['pod-token', 'rotated']);
  });

  it('uses the token of the variable if there is no file', async () => {
    world.set({
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod-token',
    });

    expect(await world.keyFor(identity)).toBe(KEY_OF_AGENT);
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

      expect((await world.failure(identity)).fix).toContain('[fd00:ec2::23]');
    },
  );

  it('uses IPv6', async () => {
    await using agent = await serveAws(world.aws.wire(), { host: '::1' });
    world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials` });

    expect(await world.keyFor(identity)).toBe(KEY_OF_AGENT);
    expect(agent.requests).toHaveLength(1);
  });
});

describe('the instance metadata', () => {
  const identity = identityWith({ kind: 'instanceProfile' });
  /** Credentials from version 1 are marked. */
  const requested = (): readonly string[] =>
    world.requests('imds').map(({ method, url, headers }) => {
      const isOld = method === 'GET' && headers['x-aws-ec2-metadata-token'] === undefined;
      return `${method} ${new URL(url).pathname}${isOld ? ' (v1)' : ''}`;
    });

  it('is asked for a token first, and for nothing without it', async () => {
    await world.mint(identity);

    const [token, roles] = ['PUT /latest/api/token', `GET ${ROLES_PATH}`];
    expect(requested()).toEqual([token, roles, `${roles}node-role`]);
  });

  const page = textAnswer(200, '<html>log in</html>');
  it.each(['hang', page, ...[403, 404, 405, 500].map((status) => textAnswer(status))] as const)(
    'of version 1 is never asked, even if version 2 answers %j',
    async (outcome) => {
      world.hurry();
      world.scripts.imds = ({ method }) =>
        method === 'PUT' || outcome !== 'hang' ? outcome : undefined;
      await world.failure(identity);

      expect(requested()).toEqual(['PUT /latest/api/token']);
    },
  );

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

  it('uses IPv6', async () => {
    await using imds = await serveAws(world.aws.wire(), { host: '::1' });
    world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });

    expect(await world.keyFor(identity)).toBe(KEY_OF_NODE);
  });
});
