/** What people read if credentials or a token cannot be obtained: the most common failures of each step, each with its fix. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StalledError, renderError } from '../../../../src/domain/errors.ts';
import type { Identity } from '../../../../src/domain/identity.ts';
import type { Outcome } from '../../../../simulator/aws/aws-modes.ts';
import { ecrError, json } from '../../../../simulator/aws/ecr-answers.ts';
import { stsError } from '../../../../simulator/aws/sts-answers.ts';
import { AGENT_REQUEST_ID, eksError, textAnswer } from '../../../support/aws/answers.ts';
import {
  AwsWorld,
  HASTY,
  identityWith,
  KEY_OF_ENVIRONMENT,
  type Place,
  ROLE_OF_POD,
} from '../../../support/aws/aws-world.ts';
import { credentials, KEY_OF_AGENT } from '../../../support/aws/node-endpoints.ts';
import { REQUEST_ID } from '../../../support/aws/fake-aws.ts';

const FIRST = 'arn:aws:iam::222222222222:role/first';
const SECOND = 'arn:aws:iam::333333333333:role/second';

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
  world.trust.roles.set(FIRST, { trusts: [KEY_OF_ENVIRONMENT] });
  world.trust.roles.set(SECOND, { trusts: [FIRST] });
});
afterEach(() => world.stop());

/** ARNs, account ids and tokens of this test. */
const HIDDEN = /arn:aws|([1-9])\1{11}|123456789012|web-identity-token|pod-token|metadata-token/;
/** After any other code a person must act. */
const PASSES = /_(THROTTLED|EXPIRED|UNAVAILABLE|TIMEOUT|INVALID_ANSWER|REQUEST_FAILED)$/;
const EVENT_REASONS: Readonly<Record<string, string>> = {
  AWS_CREDENTIALS_DENIED: 'TokenRequestDenied',
  AWS_CREDENTIALS_THROTTLED: 'TokenRequestThrottled',
  ECR_ACCESS_DENIED: 'TokenRequestDenied',
  ECR_THROTTLED: 'TokenRequestThrottled',
};

interface Row {
  readonly what: string;
  readonly code: string;
  /** A part of the message that says what to do. */
  readonly fix: string;
  readonly arrange: () => void;
  /** What the message names, so that people know which team to ask. */
  readonly requestId: string | undefined;
}

/** `ending`: the code, or the part of it after `AWS_CREDENTIALS_`. */
type NewRow = (what: string, ending: string, fix: string, arrange: () => void) => Row;
const rowFor =
  (requestId?: string): NewRow =>
  (what, ending, fix, arrange) => {
    const code = /^(AWS|ECR)_/.test(ending) ? ending : `AWS_CREDENTIALS_${ending}`;
    return { what, code, fix, arrange, requestId };
  };
const row = rowFor();
const byAws = rowFor(REQUEST_ID);
const byEks = rowFor(AGENT_REQUEST_ID);

function say(place: Place, outcome: Outcome): void {
  world.scripts[place] = () => outcome;
}
const sts = (...error: Parameters<typeof stsError>) => say('sts', stsError(...error));
const ecr = (...error: Parameters<typeof ecrError>) => say('ecr', ecrError(...error));
function second(...error: Parameters<typeof stsError>): void {
  world.scripts.sts = ({ fields }) =>
    fields.get('RoleArn') === SECOND ? stsError(...error) : undefined;
}
function silent(place: Place): void {
  world.hurry();
  say(place, 'hang');
}
/** Every call to ECR and STS ends with Node’s own error code. */
function network(code: string): void {
  const error = Object.assign(new Error(`${code} somewhere`), { code });
  world.hurry(HASTY, { send: () => Promise.reject(error) });
}
/** What the instance metadata answers after it has given its token. */
function metadata(outcome: Outcome, path = ''): void {
  world.scripts.imds = ({ method, url }) =>
    method === 'GET' && url.endsWith(path) ? outcome : undefined;
}
const agentAt = (url: string | undefined) => world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
const metadataAt = (url: string) => world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url });

const PAGE = textAnswer(200, '<html>log in</html>');
/** A host name that is refused before any DNS server is asked. */
const NO_SUCH_HOST = 'https://a..b/v1/credentials';

const AT_STS: readonly Row[] = [
  byAws('throttling', 'THROTTLED', 'other callers of STS', () =>
    sts(400, 'Throttling', 'Rate exceeded'),
  ),
  byAws('a region that is not enabled', 'WRONG_REGION', 'enable the region', () =>
    sts(403, 'RegionDisabledException', 'STS is not activated here for account:222222222222.'),
  ),
  byAws('a fault of STS', 'UNAVAILABLE', 'egress policy', () => sts(500, 'InternalFailure')),
  row('a page of a proxy', 'INVALID_ANSWER', 'instead of STS', () =>
    say('sts', textAnswer(200, '<html>log in')),
  ),
  row('an STS that is silent', 'TIMEOUT', 'VPC endpoint', () => silent('sts')),
  row('an endpoint without an address', 'WRONG_ENDPOINT', 'check the name of the region', () =>
    network('ENOTFOUND'),
  ),
  row('a DNS that is down', 'UNAVAILABLE', 'check DNS', () => network('EAI_AGAIN')),
  row('a certificate of an unknown authority', 'UNTRUSTED_CERTIFICATE', 'AWS_CA_BUNDLE', () =>
    network('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
  ),
];

const WEB_IDENTITY: readonly Row[] = [
  row('no role on the Pod', 'AWS_NO_CREDENTIALS', 'eks.amazonaws.com/role-arn', () =>
    world.set({ AWS_ROLE_ARN: undefined }),
  ),
  row(
    'a token file that is missing',
    'AWS_NO_CREDENTIALS',
    'projected ServiceAccount token is mounted',
    () => world.remove('web-identity-token'),
  ),
  row(
    'a token file that is empty',
    'AWS_NO_CREDENTIALS',
    'projected ServiceAccount token is mounted',
    () => world.write('web-identity-token', '\n'),
  ),
  byAws(
    'a trust policy that denies',
    'DENIED',
    'sub (system:serviceaccount:<namespace>:<name>)',
    () => world.trust.roles.set(ROLE_OF_POD, {}),
  ),
  byAws('an issuer that the account does not know', 'DENIED', 'audience sts.amazonaws.com', () =>
    world.trust.liveTokens.clear(),
  ),
  byAws('a token of another audience', 'DENIED', 'audience sts.amazonaws.com', () =>
    sts(400, 'InvalidIdentityToken', 'Incorrect token audience'),
  ),
  byAws(
    'a token that has expired, or a clock that is wrong',
    'EXPIRED',
    'the clock of the node',
    () => world.trust.staleTokens.add('web-identity-token'),
  ),
  byAws('an issuer that AWS does not reach', 'UNAVAILABLE', 'egress policy', () =>
    sts(400, 'IDPCommunicationError'),
  ),
  ...AT_STS,
];

const POD_IDENTITY: readonly Row[] = [
  row(
    'no agent in the environment of the Pod',
    'AWS_NO_CREDENTIALS',
    'create an EKS Pod Identity association',
    () => agentAt(undefined),
  ),
  row(
    'no token for the agent',
    'AWS_NO_CREDENTIALS',
    'create an EKS Pod Identity association',
    () => world.set({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined }),
  ),
  byEks('no association', 'AWS_NO_CREDENTIALS', 'aws eks create-pod-identity-association', () =>
    say('agent', eksError(404, 'ResourceNotFoundException')),
  ),
  byEks(
    'a trust policy that denies',
    'DENIED',
    'pods.eks.amazonaws.com to call sts:AssumeRole and sts:TagSession',
    () => say('agent', eksError(403, 'AccessDeniedException')),
  ),
  row(
    'a token file that is missing',
    'AWS_NO_CREDENTIALS',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    () => world.remove('pod-token'),
  ),
  byEks('a token of another cluster', 'DENIED', 'belongs to this cluster', () =>
    world.write('pod-token', 'foreign'),
  ),
  byEks(
    'a token that has expired, or a clock that is wrong',
    'EXPIRED',
    'the clock of the node',
    () => say('agent', eksError(400, 'ExpiredTokenException')),
  ),
  byEks('throttling', 'THROTTLED', 'should pass by itself', () =>
    say('agent', eksError(429, 'ThrottlingException')),
  ),
  row('throttling by the agent itself', 'THROTTLED', 'should pass by itself', () =>
    say('agent', textAnswer(429, 'Too Many Requests. slow down')),
  ),
  row(
    'a request that the agent rejects',
    'AWS_REQUEST_FAILED',
    'log of eks-pod-identity-agent',
    () => say('agent', textAnswer(400, 'Service account token cannot be empty')),
  ),
  row('an agent that has failed', 'UNAVAILABLE', 'add-on runs on this node', () =>
    say('agent', textAnswer(500, 'no route to EKS')),
  ),
  row('an agent that is not there', 'UNAVAILABLE', 'add-on runs on this node', () =>
    agentAt('http://127.0.0.1:1/'),
  ),
  row(
    'a host name that does not exist',
    'WRONG_ENDPOINT',
    'check AWS_CONTAINER_CREDENTIALS_FULL_URI',
    () => agentAt(NO_SUCH_HOST),
  ),
  row('an agent that cuts the connection', 'UNAVAILABLE', 'add-on runs on this node', () =>
    say('agent', 'cut'),
  ),
  row('an agent that is silent', 'TIMEOUT', 'no network policy or proxy blocks', () =>
    silent('agent'),
  ),
  row('a page of a proxy', 'INVALID_ANSWER', 'instead of the agent', () => say('agent', PAGE)),
  row('credentials of another shape', 'INVALID_ANSWER', 'instead of the agent', () =>
    say('agent', json({ ...credentials(KEY_OF_AGENT), Token: undefined })),
  ),
  row(
    'an address that must not see the token',
    'AWS_NO_CREDENTIALS',
    'it must be https, or 169.254.170.23',
    () => agentAt('http://example.com/'),
  ),
];

const INSTANCE_PROFILE: readonly Row[] = [
  // The answer to the PUT never arrives in a Pod.
  row('hop limit 1', 'TIMEOUT', 'did not respond in time', () => {
    world.hurry();
    world.scripts.imds = ({ method }) => (method === 'PUT' ? 'hang' : undefined);
  }),
  row('metadata that is not reached', 'UNAVAILABLE', 'no network policy blocks it', () =>
    metadataAt('http://127.0.0.1:1'),
  ),
  row(
    'a host name that does not exist',
    'WRONG_ENDPOINT',
    'check AWS_EC2_METADATA_SERVICE_ENDPOINT',
    () => metadataAt(NO_SUCH_HOST.replace('https', 'http')),
  ),
  row('a refusal of the token', 'DENIED', 'host network', () => say('imds', textAnswer(401))),
  row('a metadata endpoint that is disabled', 'DENIED', 'the metadata endpoint is enabled', () =>
    say('imds', textAnswer(403)),
  ),
  row('no version 2', 'AWS_REQUEST_FAILED', 'use webIdentity or podIdentity', () =>
    say('imds', textAnswer(404)),
  ),
  row('no role on the node', 'AWS_NO_CREDENTIALS', 'give it an instance profile', () =>
    metadata(textAnswer(404)),
  ),
  row(
    'an instance profile without a role',
    'AWS_NO_CREDENTIALS',
    'give it an instance profile',
    () => metadata(textAnswer(200)),
  ),
  row('a role that has gone', 'DENIED', 'trusts ec2.amazonaws.com', () =>
    metadata(json({ Code: 'AssumeRoleUnauthorizedAccess' }), 'node-role'),
  ),
  row('throttling', 'THROTTLED', 'what calls it so often', () => say('imds', textAnswer(429))),
  row('half an answer', 'INVALID_ANSWER', 'instead of the instance metadata', () =>
    metadata(textAnswer(200, '{"Code":"Success"'), 'node-role'),
  ),
  row('a page of a proxy', 'INVALID_ANSWER', 'instead of the instance metadata', () =>
    say('imds', PAGE),
  ),
  row('a variable that switches it off', 'AWS_NO_CREDENTIALS', 'unset it', () =>
    world.set({ AWS_EC2_METADATA_DISABLED: 'true' }),
  ),
  row('a variable that names no address', 'AWS_NO_CREDENTIALS', 'must be an http address', () =>
    metadataAt('169.254.169.254'),
  ),
];

const ASSUMED_ROLE: readonly Row[] = [
  byAws('a trust policy that denies', 'DENIED', 'its trust policy must allow sts:AssumeRole', () =>
    world.trust.roles.set(SECOND, { trusts: [] }),
  ),
  byAws('another external id', 'DENIED', 'externalId', () =>
    world.trust.roles.set(SECOND, { trusts: [FIRST], externalId: 'theirs' }),
  ),
  byAws('role chaining over an hour', 'SESSION_TOO_LONG', 'one hour at most', () =>
    second(
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ),
  ),
  byAws('session tags that are too long', 'TAGS_TOO_LONG', 'shorten or drop sessionTags', () =>
    second(400, 'PackedPolicyTooLarge'),
  ),
  byAws('a clock that is wrong', 'AWS_CLOCK_SKEW', 'correct the clock of the node', () =>
    second(403, 'SignatureDoesNotMatch', 'Signature expired: 20260101T000000Z is …'),
  ),
  byAws('credentials that have expired', 'EXPIRED', 'what supplies them', () =>
    second(400, 'ExpiredToken'),
  ),
  byAws('credentials that STS does not know', 'WRONG_REGION', 'the region is enabled', () =>
    second(403, 'InvalidClientTokenId', 'The security token is invalid'),
  ),
];

/** Keys are set or not; the rest is ECR’s answer to them. */
const ENVIRONMENT: readonly Row[] = [
  row('no key', 'AWS_NO_CREDENTIALS', 'set them, or choose another credentials.source', () =>
    world.set({ AWS_ACCESS_KEY_ID: undefined }),
  ),
  row('half a key', 'AWS_NO_CREDENTIALS', 'set them, or choose another credentials.source', () =>
    world.set({ AWS_SECRET_ACCESS_KEY: '' }),
  ),
];

const AT_ECR: readonly Row[] = [
  byAws('a key that is unknown', 'ECR_WRONG_REGION', 'the access key still exists', () =>
    ecr(400, 'UnrecognizedClientException'),
  ),
  byAws('a region that is not enabled', 'ECR_WRONG_REGION', 'enable it', () =>
    ecr(400, 'OptInRequired'),
  ),
  byAws('a clock that is wrong', 'AWS_CLOCK_SKEW', 'correct the clock of the node', () =>
    ecr(400, 'InvalidSignatureException', 'Signature expired: 2026'),
  ),
  byAws('a secret that is wrong', 'AWS_BAD_SIGNATURE', 'check the secret access key', () =>
    ecr(400, 'InvalidSignatureException', 'does not match'),
  ),
  byAws('a session that has expired', 'EXPIRED', 'what supplies them', () =>
    ecr(400, 'ExpiredTokenException'),
  ),
  byAws('no right to ask', 'ECR_ACCESS_DENIED', 'must allow ecr:GetAuthorizationToken', () =>
    ecr(
      400,
      'AccessDeniedException',
      'User: arn:aws:iam::123456789012:user/u is not authorized to perform: ecr:GetAuthorizationToken on resource: *',
    ),
  ),
  byAws('a refusal by a proxy', 'ECR_ACCESS_DENIED', 'must allow ecr:GetAuthorizationToken', () =>
    say('ecr', textAnswer(403, '<html>no</html>')),
  ),
  byAws('throttling', 'ECR_THROTTLED', 'other callers', () => ecr(400, 'ThrottlingException')),
  byAws('429 of any name', 'ECR_THROTTLED', 'other callers', () => ecr(429, 'Whatever')),
  byAws('a fault of ECR', 'ECR_UNAVAILABLE', 'egress policy', () => ecr(500, 'ServerException')),
  byAws('a gateway that is busy', 'ECR_UNAVAILABLE', 'egress policy', () =>
    say('ecr', textAnswer(503, '<html>busy</html>')),
  ),
  byAws('a page instead of JSON', 'ECR_INVALID_ANSWER', 'instead of ECR', () => say('ecr', PAGE)),
  byAws('something new', 'AWS_REQUEST_FAILED', 'the AWS documentation', () =>
    ecr(400, 'BrandNewException'),
  ),
  row('an endpoint without an address', 'ECR_WRONG_ENDPOINT', 'check the name of the region', () =>
    network('ENOTFOUND'),
  ),
];

const environment = identityWith({ kind: 'environment' });
const chain = identityWith({ kind: 'environment' }, [{ roleArn: FIRST }, { roleArn: SECOND }]);
const steps: readonly (readonly [string, Identity, readonly Row[]])[] = [
  ['web identity', identityWith({ kind: 'webIdentity', explicit: undefined }), WEB_IDENTITY],
  ['EKS Pod Identity', identityWith({ kind: 'podIdentity' }), POD_IDENTITY],
  ['instance metadata', identityWith({ kind: 'instanceProfile' }), INSTANCE_PROFILE],
  ['environment', environment, ENVIRONMENT],
  ['assumed role 2 of 2', chain, ASSUMED_ROLE],
  ['assumed role 1 of 1', identityWith({ kind: 'environment' }, [{ roleArn: FIRST }]), AT_STS],
];

describe.each(steps)('getting credentials (%s)', (step, identity, rows) => {
  it.each(rows)('reports $what', async (row) => {
    await expectWords(identity, row, `no AWS credentials (${step}): `);
  });
});

describe('asking ECR', () => {
  it.each(AT_ECR)('reports $what, and does not ask again', async (row) => {
    await expectWords(environment, row, '');

    const calls = { AWS_CREDENTIALS_EXPIRED: 2, ECR_WRONG_ENDPOINT: 0 }[row.code] ?? 1;
    expect(world.requests()).toHaveLength(calls);
  });
});

it('suggests hop limit 2 whatever the instance metadata does, unless a variable is wrong', async () => {
  for (const { arrange } of INSTANCE_PROFILE.slice(0, -1)) {
    const variables = { ...process.env };
    delete world.scripts.imds;
    arrange();
    const { fix } = await world.failure(identityWith({ kind: 'instanceProfile' }));
    Object.assign(process.env, variables);
    expect(fix).toContain('hop limit 2');
  }
});

it('names the denied identity, and the role of the chain, to administrators only', async () => {
  world.trust.roles.set(SECOND, { trusts: [] });

  const error = await world.failure(chain);

  expect(String(error.cause)).toContain('arn:aws:sts::111111111111:assumed-role/caller');
});

it('shows nothing of a source’s answer, however the error is printed', async () => {
  const canary = 'canary 0123456789';
  const printed: string[] = [];
  const inspectFailure = async (identity: Identity): Promise<void> => {
    const error = await world.failure(identity);
    printed.push(inspect(error, { depth: 20, showHidden: true }), String(error.cause));
  };
  for (const text of [canary, `[id]: (${canary}): ${canary}`, `(Whatever): ${canary}`]) {
    say('agent', textAnswer(400, text));
    await inspectFailure(identityWith({ kind: 'podIdentity' }));
  }
  world.write('web-identity-token', canary.replace(' ', ''));
  world.trust.staleTokens.add(canary.replace(' ', ''));
  await inspectFailure(identityWith({ kind: 'webIdentity', explicit: undefined }));

  expect(printed).toHaveLength(8);
  expect(printed.filter((text) => text.includes('canary'))).toEqual([]);
});

async function expectWords(identity: Identity, row: Row, getting: string): Promise<void> {
  row.arrange();

  const error = await world.failure(identity);

  const eventReason = EVENT_REASONS[row.code] ?? 'TokenRequestFailed';
  expect(error).toMatchObject({ code: row.code, eventReason });
  expect(error instanceof StalledError).toBe(!PASSES.test(row.code));
  const start = `can't mint an ECR token in eu-west-1: ${getting}`;
  expect(error.message.slice(0, start.length)).toBe(start);
  expect(error.message).toContain(row.requestId === undefined ? '' : `request ${row.requestId}`);
  const words = renderError(error);
  expect(words).toContain(row.fix);
  // An Event’s message ends at 1,024 characters.
  expect(words.length).toBeLessThan(900);
  expect(words).not.toMatch(HIDDEN);
  expect(words).not.toContain('\n');
}
