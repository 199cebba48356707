/** Roles assumed one after the other, from the credentials of a source, over the network and over a wire. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renderError } from '../../../../src/domain/errors.ts';
import type { CredentialSource } from '../../../../src/domain/identity.ts';
import {
  AwsWorld,
  HASTY,
  identityWith,
  KEY_OF_ENVIRONMENT,
  KEY_OF_SESSION,
  ROLE_OF_POD,
} from '../../../support/aws/aws-world.ts';
import { ecrError } from '../../../../simulator/aws/ecr-answers.ts';
import { stsError } from '../../../../simulator/aws/sts-answers.ts';
import { textAnswer } from '../../../support/aws/answers.ts';
import { KEY_OF_AGENT, KEY_OF_NODE } from '../../../support/aws/node-endpoints.ts';
import { openMinter } from '../../../support/aws/open-minter.ts';

const FIRST = 'arn:aws:iam::222222222222:role/first';
const SECOND = 'arn:aws:iam::333333333333:role/second';
const environment: CredentialSource = { kind: 'environment' };

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
  world.trust.roles.set(FIRST, {
    trusts: [KEY_OF_ENVIRONMENT, KEY_OF_AGENT, KEY_OF_NODE, ROLE_OF_POD],
  });
  world.trust.roles.set(SECOND, { trusts: [FIRST], externalId: 'team-a', allowsTags: true });
});
afterEach(() => world.stop());

const chain = [
  { roleArn: FIRST },
  {
    roleArn: SECOND,
    externalId: 'team-a',
    sessionName: 'pulls-of-team-a',
    sessionTags: { cluster: 'blue', profile: 'team-a' },
  },
];

describe('a chain of roles', () => {
  it('is walked in order, each role with the session of the one before', async () => {
    const key = await world.keyFor(identityWith(environment, chain));

    expect(world.roleOf(key)).toBe(SECOND);
    const [first, second] = world.requests('sts');
    expect(world.requests('sts')).toHaveLength(2);
    expect(first?.accessKeyId).toBe(KEY_OF_ENVIRONMENT);
    expect(world.roleOf(second?.accessKeyId ?? '')).toBe(FIRST);
    expect(Object.fromEntries(first?.fields ?? [])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: FIRST,
      RoleSessionName: 'ecr-pull-secrets',
      DurationSeconds: '900',
    });
    expect(Object.fromEntries(second?.fields ?? [])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: SECOND,
      RoleSessionName: 'pulls-of-team-a',
      DurationSeconds: '900',
      ExternalId: 'team-a',
      'Tags.member.1.Key': 'cluster',
      'Tags.member.1.Value': 'blue',
      'Tags.member.2.Key': 'profile',
      'Tags.member.2.Value': 'team-a',
    });
  });

  it.each<CredentialSource>([
    { kind: 'auto' },
    environment,
    { kind: 'webIdentity', explicit: undefined },
    { kind: 'podIdentity' },
    { kind: 'instanceProfile' },
  ])('starts from the credentials of %j', async (source) => {
    const key = await world.keyFor(identityWith(source, chain));

    expect(world.roleOf(key)).toBe(SECOND);
  });

  it.each(['us-east-1', 'eu-west-1', 'cn-north-1', 'us-gov-west-1'])(
    'is walked at the STS of %s',
    async (region) => {
      await world.mint(identityWith(environment, chain, region));

      expect(world.requests('sts').map((call) => call.region)).toEqual([region, region]);
    },
  );

  it('is walked again, from the source on, if ECR says that its session has expired', async () => {
    let calls = 0;
    world.scripts.ecr = () => (++calls === 1 ? ecrError(400, 'ExpiredTokenException') : undefined);

    await world.mint(identityWith({ kind: 'podIdentity' }, chain));

    expect(world.requests('agent')).toHaveLength(2);
    expect(world.requests('sts')).toHaveLength(4);
    expect(new Set(world.keysAtEcr).size).toBe(2);
  });

  it('is walked again, once, if STS says that the credentials of the source have expired', async () => {
    const identity = identityWith({ kind: 'webIdentity', explicit: undefined }, chain);
    world.scripts.sts = ({ action, accessKeyId }) =>
      action === 'AssumeRole' && accessKeyId === KEY_OF_SESSION
        ? stsError(400, 'ExpiredToken')
        : undefined;
    await world.mint(identity);
    expect(world.requests('sts').map(({ action }) => action)).toEqual([
      'AssumeRoleWithWebIdentity',
      'AssumeRole',
      'AssumeRoleWithWebIdentity',
      'AssumeRole',
      'AssumeRole',
    ]);
  });

  it('shares one session among all mints while it is valid, but not with another identity', async () => {
    const identity = identityWith(environment, chain);
    await world.mint(identity);
    await world.mint(identity);
    await world.mint(identityWith(environment, [{ roleArn: FIRST }]));

    expect(world.requests('sts')).toHaveLength(3);
    expect(world.keysAtEcr.map((key) => world.roleOf(key))).toEqual([SECOND, SECOND, FIRST]);
  });

  it('asks STS once for each role, whatever it answers', async () => {
    world.scripts.sts = ({ fields }) =>
      fields.get('RoleArn') === SECOND ? textAnswer(500) : undefined;

    const error = await world.failure(identityWith(environment, chain));

    expect(error.code).toBe('AWS_CREDENTIALS_UNAVAILABLE');
    expect(renderError(error)).toContain('(assumed role 2 of 2)');
    expect(world.requests('sts')).toHaveLength(2);
  });

  it('ends in time as a whole, and names the role that did not answer', async () => {
    world.hurry();
    const identity = identityWith(environment, chain);
    await world.mint(identityWith(environment, [{ roleArn: FIRST }]));
    world.scripts.sts = ({ body }) => (body.includes('second') ? 'hang' : undefined);
    const start = performance.now();

    const error = await world.failure(identity);

    expect(error.code).toBe('AWS_CREDENTIALS_TIMEOUT');
    expect(renderError(error)).toContain('(assumed role 2 of 2)');
    expect(performance.now() - start).toBeLessThan(1_500);
  });

  it.each([
    ['no other role may assume it', { trusts: ['somebody'], externalId: 'team-a' }],
    ['it requires another external id', { trusts: [FIRST], externalId: 'team-b' }],
    ['it does not allow tags', { trusts: [FIRST], externalId: 'team-a' }],
  ])('stops at the role if %s', async (_why, role) => {
    world.trust.roles.set(SECOND, role);

    const error = await world.failure(identityWith(environment, chain));

    expect(error).toMatchObject({ code: 'AWS_CREDENTIALS_DENIED' });
    expect(renderError(error)).toContain('(assumed role 2 of 2)');
    expect(world.keysAtEcr).toEqual([]);
  });

  it('names the action that was denied', async () => {
    world.trust.roles.set(SECOND, { trusts: [FIRST], externalId: 'team-a' });

    const error = await world.failure(identityWith(environment, chain));

    expect(renderError(error)).toContain('sts:TagSession');
  });

  it('does not affect nine other profiles if one profile is denied', async () => {
    const arns = Array.from(
      { length: 10 },
      (_, index) => `arn:aws:iam::44444444444${index}:role/p`,
    );
    for (const arn of arns) world.trust.roles.set(arn, { trusts: [KEY_OF_ENVIRONMENT] });
    world.trust.roles.set(arns[4] ?? '', { trusts: [] });
    const outcomes = await Promise.allSettled(
      arns.map((roleArn) => world.mint(identityWith(environment, [{ roleArn }]))),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(
      arns.map((_, index) => (index === 4 ? 'rejected' : 'fulfilled')),
    );
    expect(world.requests('sts')).toHaveLength(10);
  });
});

describe('a chain of roles over a wire', () => {
  it.each([
    ['us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['eu-west-1', 'sts.eu-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('in %s asks %s, in the partition and in no other region', async (region, host) => {
    world.set({ AWS_ENDPOINT_URL_STS: undefined, AWS_REGION: 'ap-south-1' });
    const hosts: string[] = [];
    world.hurry(HASTY, {
      send: ({ url }) => {
        hosts.push(new URL(url).host);
        return Promise.reject(new Error('no more'));
      },
    });
    await world.failure(identityWith(environment, chain, region));
    await world.failure(identityWith({ kind: 'webIdentity', explicit: undefined }, [], region));

    expect(hosts).toEqual([host, host]);
  });

  it('starts from the simulated credentials and waits only for AWS', async () => {
    const { clock, aws, minter } = openMinter();

    const identity = identityWith({ kind: 'instanceProfile' }, chain);
    const token = await minter.mint(identity, new AbortController().signal);

    expect(token.ownRegistry).toBe('333333333333.dkr.ecr.eu-west-1.amazonaws.com');
    expect(aws.calls.map(({ action, accessKeyId }) => `${action} ${accessKeyId}`)).toEqual([
      'AssumeRole AKIAGIVEN',
      'AssumeRole ASIAFAKE000000000001',
      'GetAuthorizationToken ASIAFAKE000000000002',
    ]);
    expect(aws.calls.map(({ region }) => region)).toEqual(Array(3).fill('eu-west-1'));
    expect(clock.pending).toBe(0);
    expect(world.asked).toEqual([]);
  });
});
