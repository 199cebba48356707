/** What people read where credentials can't be had: for each step the commonest failures, each with its mend. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AwsWire } from '../../../src/aws/aws-wire.ts';
import { StalledError, renderError } from '../../../src/domain/errors.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import {
  AwsWorld,
  identityWith,
  KEY_OF_ENVIRONMENT,
  ROLE_OF_POD,
} from '../../support/aws/aws-world.ts';
import { AGENT_REQUEST_ID, type AgentMode } from '../../support/aws/fake-pod-identity-agent.ts';
import type { ImdsMode } from '../../support/aws/fake-imds.ts';
import { ecrError, REQUEST_ID, stsError } from '../../support/ecr-stub.ts';
import { acceptNodeErrors } from '../../support/one-error-realm.ts';

acceptNodeErrors();

const FIRST = 'arn:aws:iam::222222222222:role/first';
const SECOND = 'arn:aws:iam::333333333333:role/second';

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
  world.sts.roles.set(FIRST, { trusts: [KEY_OF_ENVIRONMENT] });
  world.sts.roles.set(SECOND, { trusts: [FIRST] });
});
afterEach(() => world.stop());

/** ARNs, account ids and tokens of this test. */
const HIDDEN = /arn:aws|([1-9])\1{11}|123456789012|web-identity-token|pod-token|metadata-token/;

interface Row {
  readonly what: string;
  readonly arrange: () => void;
  readonly code: string | RegExp;
  /** A part of the message that says what to do. */
  readonly mend: string;
  readonly mustAct?: boolean;
  readonly requestId?: string;
}

/** Of a form that is refused before any DNS server is asked. */
const NO_SUCH_HOST = 'https://a..b/v1/credentials';

const STALLS = { mustAct: true } as const;
const BY_AWS = { requestId: REQUEST_ID } as const;
const BY_EKS = { requestId: AGENT_REQUEST_ID } as const;

const stsSays = (status: number, code: string, message?: string) => () => {
  world.sts.refuse = () => stsError(status, code, message);
};
const secondSays = (status: number, code: string, message?: string) => () => {
  world.sts.refuse = ({ fields }) =>
    fields.get('RoleArn') === SECOND ? stsError(status, code, message) : undefined;
};
const ecrSays = (status: number, code: string, message?: string) => () => {
  world.ecr.answers.ecr = () => ecrError(status, code, message);
};
const agentIs = (mode: AgentMode) => () => {
  world.agent.mode = mode;
};
const imdsIs = (mode: ImdsMode) => () => {
  world.imds.mode = mode;
};
const hurried = (arrange: () => void) => () => {
  world.hurry();
  arrange();
};
/** Every call to ECR and STS ends as Node's own code says. */
const networkSays = (code: string) => () => {
  const wire: AwsWire = {
    send: () => Promise.reject(Object.assign(new Error(`${code} somewhere`), { code })),
  };
  world.useWire(wire);
};

const AT_STS: readonly Row[] = [
  {
    what: 'throttling',
    arrange: stsSays(400, 'Throttling', 'Rate exceeded'),
    code: 'AWS_CREDENTIALS_THROTTLED',
    mend: 'other callers of STS',
    ...BY_AWS,
  },
  {
    what: 'a region that is not enabled',
    arrange: stsSays(
      403,
      'RegionDisabledException',
      'STS is not activated in this region for account:222222222222.',
    ),
    code: 'AWS_CREDENTIALS_WRONG_REGION',
    mend: 'enable the region',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a fault of STS',
    arrange: stsSays(500, 'InternalFailure'),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'egress policy',
    ...BY_AWS,
  },
  {
    what: 'a page of a proxy',
    arrange: () => {
      world.sts.refuse = () => ({ status: 200, body: '<html>log in' });
    },
    code: /^AWS_CREDENTIALS_INVALID_ANSWER$/,
    mend: 'in the place of STS',
  },
  {
    what: 'an STS that is silent',
    arrange: hurried(() => {
      world.ecr.answers.sts = () => 'hang';
    }),
    code: 'AWS_CREDENTIALS_TIMEOUT',
    mend: 'VPC endpoint',
  },
  {
    what: 'an endpoint without an address',
    arrange: networkSays('ENOTFOUND'),
    code: 'AWS_CREDENTIALS_WRONG_ENDPOINT',
    mend: "check the region's name",
    ...STALLS,
  },
  {
    what: 'a DNS that is down',
    arrange: networkSays('EAI_AGAIN'),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'check DNS',
  },
  {
    what: 'a certificate of an unknown authority',
    arrange: networkSays('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    code: 'AWS_CREDENTIALS_UNTRUSTED_CERTIFICATE',
    mend: 'AWS_CA_BUNDLE',
    ...STALLS,
  },
];

const WEB_IDENTITY: readonly Row[] = [
  {
    what: 'no role on the Pod',
    arrange: () => world.set({ AWS_ROLE_ARN: undefined }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'eks.amazonaws.com/role-arn',
    ...STALLS,
  },
  {
    what: 'a token file that is missing',
    arrange: () => world.remove('web-identity-token'),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'projected ServiceAccount token is mounted',
    ...STALLS,
  },
  {
    what: 'a token file that is empty',
    arrange: () => world.write('web-identity-token', '\n'),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'projected ServiceAccount token is mounted',
    ...STALLS,
  },
  {
    what: 'a trust policy that denies',
    arrange: () => world.sts.roles.set(ROLE_OF_POD, {}),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'sub (system:serviceaccount:<namespace>:<name>)',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'an issuer that the account does not know',
    arrange: () => world.sts.liveTokens.clear(),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'audience sts.amazonaws.com',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a token of another audience',
    arrange: stsSays(400, 'InvalidIdentityToken', 'Incorrect token audience'),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'audience sts.amazonaws.com',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a token that has expired, or a clock that is wrong',
    arrange: () => world.sts.staleTokens.add('web-identity-token'),
    code: 'AWS_CREDENTIALS_EXPIRED',
    mend: 'the clock of the node',
    ...BY_AWS,
  },
  {
    what: 'an issuer that AWS does not reach',
    arrange: stsSays(400, 'IDPCommunicationError'),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'egress policy',
    ...BY_AWS,
  },
  ...AT_STS,
];

const POD_IDENTITY: readonly Row[] = [
  {
    what: 'no agent in the environment of the Pod',
    arrange: () => world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'create an EKS Pod Identity association',
    ...STALLS,
  },
  {
    what: 'no token for the agent',
    arrange: () => world.set({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'create an EKS Pod Identity association',
    ...STALLS,
  },
  {
    what: 'no association',
    arrange: agentIs({ status: 404, code: 'ResourceNotFoundException' }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'aws eks create-pod-identity-association',
    ...STALLS,
    ...BY_EKS,
  },
  {
    what: 'a trust policy that denies',
    arrange: agentIs({ status: 403, code: 'AccessDeniedException' }),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'sts:TagSession to pods.eks.amazonaws.com',
    ...STALLS,
    ...BY_EKS,
  },
  {
    what: 'a token file that is missing',
    arrange: () => world.remove('pod-token'),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    ...STALLS,
  },
  {
    what: 'a token of another cluster',
    arrange: () => world.write('pod-token', 'foreign'),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'belongs to this cluster',
    ...STALLS,
    ...BY_EKS,
  },
  {
    what: 'a token that has expired, or a clock that is wrong',
    arrange: agentIs({ status: 400, code: 'ExpiredTokenException' }),
    code: 'AWS_CREDENTIALS_EXPIRED',
    mend: 'the clock of the node',
    ...BY_EKS,
  },
  {
    what: 'throttling',
    arrange: agentIs({ status: 429, code: 'ThrottlingException' }),
    code: 'AWS_CREDENTIALS_THROTTLED',
    mend: 'passes by itself',
    ...BY_EKS,
  },
  {
    what: 'throttling by the agent itself',
    arrange: agentIs({ status: 429, text: 'Too Many Requests. slow down' }),
    code: 'AWS_CREDENTIALS_THROTTLED',
    mend: 'passes by itself',
  },
  {
    what: 'a request that the agent does not like',
    arrange: agentIs({ status: 400, text: 'Service account token cannot be empty' }),
    code: 'AWS_REQUEST_FAILED',
    mend: 'log of eks-pod-identity-agent',
  },
  {
    what: 'an agent that has failed',
    arrange: agentIs({ status: 500, text: 'no route to EKS' }),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'add-on runs on this node',
  },
  {
    what: 'an agent that is not there',
    arrange: () => world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' }),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'add-on runs on this node',
  },
  {
    what: 'an address that nobody has',
    arrange: () => world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: NO_SUCH_HOST }),
    code: 'AWS_CREDENTIALS_WRONG_ENDPOINT',
    mend: 'check AWS_CONTAINER_CREDENTIALS_FULL_URI',
    ...STALLS,
  },
  {
    what: 'an agent that cuts the connection',
    arrange: agentIs('cut'),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'add-on runs on this node',
  },
  {
    what: 'an agent that is silent',
    arrange: hurried(agentIs('hang')),
    code: 'AWS_CREDENTIALS_TIMEOUT',
    mend: 'no network policy or proxy blocks',
  },
  {
    what: 'a page of a proxy',
    arrange: agentIs('html'),
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mend: 'in the place of the agent',
  },
  {
    what: 'credentials of another shape',
    arrange: agentIs('noToken'),
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mend: 'in the place of the agent',
  },
  {
    what: 'an address that must not see the token',
    arrange: () => world.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/' }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'it must be https, or 169.254.170.23',
    ...STALLS,
  },
];

const INSTANCE_PROFILE: readonly Row[] = [
  {
    what: 'hop limit 1',
    arrange: hurried(imdsIs('hopLimit')),
    code: 'AWS_CREDENTIALS_TIMEOUT',
    mend: 'did not answer in time',
  },
  {
    what: 'metadata that is not reached',
    arrange: () => world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' }),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'no network policy blocks it',
  },
  {
    what: 'an address that nobody has',
    arrange: () =>
      world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: NO_SUCH_HOST.replace('https', 'http') }),
    code: 'AWS_CREDENTIALS_WRONG_ENDPOINT',
    mend: 'check AWS_EC2_METADATA_SERVICE_ENDPOINT',
    ...STALLS,
  },
  {
    what: 'a refusal of the token',
    arrange: imdsIs({ status: 401 }),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'host network',
    ...STALLS,
  },
  {
    what: 'a metadata endpoint that is disabled',
    arrange: imdsIs({ status: 403 }),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'the metadata endpoint is enabled',
    ...STALLS,
  },
  {
    what: 'no version 2',
    arrange: imdsIs({ status: 404 }),
    code: 'AWS_REQUEST_FAILED',
    mend: 'use webIdentity or podIdentity',
  },
  {
    what: 'no role on the node',
    arrange: imdsIs('noRole'),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'give it an instance profile',
    ...STALLS,
  },
  {
    what: 'an instance profile without a role',
    arrange: imdsIs('emptyRole'),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'give it an instance profile',
    ...STALLS,
  },
  {
    what: 'a role that has gone',
    arrange: imdsIs('roleGone'),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'trusts ec2.amazonaws.com',
    ...STALLS,
  },
  {
    what: 'throttling',
    arrange: imdsIs({ status: 429 }),
    code: 'AWS_CREDENTIALS_THROTTLED',
    mend: 'what asks it so often',
  },
  {
    what: 'half an answer',
    arrange: imdsIs('junk'),
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mend: 'in the place of the instance metadata',
  },
  {
    what: 'a page of a proxy',
    arrange: imdsIs('html'),
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mend: 'in the place of the instance metadata',
  },
  {
    what: 'a variable that switches it off',
    arrange: () => world.set({ AWS_EC2_METADATA_DISABLED: 'true' }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'unset it',
    ...STALLS,
  },
  {
    what: 'a variable that names no address',
    arrange: () => world.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: '169.254.169.254' }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'must be an http address',
    ...STALLS,
  },
];

const ASSUMED_ROLE: readonly Row[] = [
  {
    what: 'a trust policy that denies',
    arrange: () => world.sts.roles.set(SECOND, { trusts: [] }),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'its trust policy must allow the role before it sts:AssumeRole',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'another external id',
    arrange: () => world.sts.roles.set(SECOND, { trusts: [FIRST], externalId: 'theirs' }),
    code: 'AWS_CREDENTIALS_DENIED',
    mend: 'externalId',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'role chaining over an hour',
    arrange: secondSays(
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ),
    code: 'AWS_CREDENTIALS_SESSION_TOO_LONG',
    mend: 'one hour at most',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'session tags that are too long',
    arrange: secondSays(400, 'PackedPolicyTooLarge'),
    code: 'AWS_CREDENTIALS_TAGS_TOO_LONG',
    mend: 'shorten or drop sessionTags',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a clock that is wrong',
    arrange: secondSays(403, 'SignatureDoesNotMatch', 'Signature expired: 20260101T000000Z is …'),
    code: 'AWS_CLOCK_SKEW',
    mend: 'set the clock of the node right',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'credentials that have expired',
    arrange: secondSays(400, 'ExpiredToken'),
    code: 'AWS_CREDENTIALS_EXPIRED',
    mend: 'what supplies them',
    ...BY_AWS,
  },
  {
    what: 'credentials that STS does not know',
    arrange: secondSays(403, 'InvalidClientTokenId', 'The security token is invalid'),
    code: 'AWS_CREDENTIALS_WRONG_REGION',
    mend: 'the region is enabled',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'throttling',
    arrange: secondSays(400, 'Throttling', 'Rate exceeded'),
    code: 'AWS_CREDENTIALS_THROTTLED',
    mend: 'other callers of STS',
    ...BY_AWS,
  },
  {
    what: 'a region that is not enabled',
    arrange: secondSays(403, 'RegionDisabledException'),
    code: 'AWS_CREDENTIALS_WRONG_REGION',
    mend: 'enable the region',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a fault of STS',
    arrange: secondSays(503, 'ServiceUnavailable'),
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mend: 'VPC endpoint',
    ...BY_AWS,
  },
];

/** Keys are there or not; the rest is what ECR says of them. */
const ENVIRONMENT: readonly Row[] = [
  {
    what: 'no key',
    arrange: () => world.set({ AWS_ACCESS_KEY_ID: undefined }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'set them, or choose another credentials.source',
    ...STALLS,
  },
  {
    what: 'half a key',
    arrange: () => world.set({ AWS_SECRET_ACCESS_KEY: '' }),
    code: 'AWS_NO_CREDENTIALS',
    mend: 'set them, or choose another credentials.source',
    ...STALLS,
  },
];

const AT_ECR: readonly Row[] = [
  {
    what: 'a key that is unknown',
    arrange: ecrSays(400, 'UnrecognizedClientException'),
    code: 'ECR_WRONG_REGION',
    mend: 'the access key still exists',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a region that is not enabled',
    arrange: ecrSays(400, 'OptInRequired'),
    code: 'ECR_WRONG_REGION',
    mend: 'enable it',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a clock that is wrong',
    arrange: ecrSays(400, 'InvalidSignatureException', 'Signature expired: 2026'),
    code: 'AWS_CLOCK_SKEW',
    mend: 'set the clock of the node right',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a secret that is wrong',
    arrange: ecrSays(400, 'InvalidSignatureException', 'does not match'),
    code: 'AWS_BAD_SIGNATURE',
    mend: 'check the secret access key',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'a session that has expired',
    arrange: ecrSays(400, 'ExpiredTokenException'),
    code: 'AWS_CREDENTIALS_EXPIRED',
    mend: 'what supplies them',
    ...BY_AWS,
  },
  {
    what: 'no right to ask',
    arrange: ecrSays(
      400,
      'AccessDeniedException',
      'User: arn:aws:iam::123456789012:user/u is not authorized to perform: ecr:GetAuthorizationToken on resource: *',
    ),
    code: 'ECR_ACCESS_DENIED',
    mend: 'must allow ecr:GetAuthorizationToken',
    ...STALLS,
    ...BY_AWS,
  },
  {
    what: 'throttling',
    arrange: ecrSays(400, 'ThrottlingException'),
    code: 'ECR_THROTTLED',
    mend: 'other callers',
    ...BY_AWS,
  },
  {
    what: 'an endpoint without an address',
    arrange: networkSays('ENOTFOUND'),
    code: 'ECR_WRONG_ENDPOINT',
    mend: "check the region's name",
    ...STALLS,
  },
];

const environment = identityWith({ kind: 'environment' });
const steps: readonly (readonly [string, Identity, readonly Row[]])[] = [
  ['web identity', identityWith({ kind: 'webIdentity', explicit: undefined }), WEB_IDENTITY],
  ['EKS Pod Identity', identityWith({ kind: 'podIdentity' }), POD_IDENTITY],
  ['instance metadata', identityWith({ kind: 'instanceProfile' }), INSTANCE_PROFILE],
  ['environment', environment, ENVIRONMENT],
  [
    'assumed role 2 of 2',
    identityWith({ kind: 'environment' }, [{ roleArn: FIRST }, { roleArn: SECOND }]),
    ASSUMED_ROLE,
  ],
  ['assumed role 1 of 1', identityWith({ kind: 'environment' }, [{ roleArn: FIRST }]), AT_STS],
];

const getting = (step: string) =>
  `minting ECR token in eu-west-1: getting AWS credentials (${step}): `;

describe.each(steps)('getting credentials (%s)', (step, identity, rows) => {
  it.each(rows)('tells of $what', async (row) => {
    await expectWords(identity, row, getting(step));
  });
});

describe('asking ECR', () => {
  it.each(AT_ECR)('tells of $what', async (row) => {
    await expectWords(environment, row, 'minting ECR token in eu-west-1: ');
  });
});

it('tells of hop limit 2 whatever the instance metadata does, but for a variable that is wrong', async () => {
  for (const { arrange } of INSTANCE_PROFILE.slice(0, -1)) {
    const variables = { ...process.env };
    arrange();
    const { remedy } = await world.failure(identityWith({ kind: 'instanceProfile' }));
    Object.assign(process.env, variables);
    expect(remedy).toContain('hop limit 2');
  }
});

it('names who was denied, and at which role of the chain, to administrators only', async () => {
  world.sts.roles.set(SECOND, { trusts: [] });

  const error = await world.failure(steps[4]?.[1] ?? environment);

  expect(String(error.cause)).toContain('arn:aws:sts::111111111111:assumed-role/caller');
});

it('shows nothing of what a source answers, however the error is printed', async () => {
  const canary = 'canary 0123456789';
  const seen: string[] = [];
  const look = async (identity: Identity): Promise<void> => {
    const error = await world.failure(identity);
    seen.push(inspect(error, { depth: 20, showHidden: true }), String(error.cause));
  };
  for (const text of [canary, `[id]: (${canary}): ${canary}`, `(Whatever): ${canary}`]) {
    world.agent.mode = { status: 400, text };
    await look(identityWith({ kind: 'podIdentity' }));
  }
  world.write('web-identity-token', canary.replace(' ', ''));
  world.sts.staleTokens.add(canary.replace(' ', ''));
  await look(identityWith({ kind: 'webIdentity', explicit: undefined }));

  expect(seen).toHaveLength(8);
  expect(seen.filter((text) => text.includes('canary'))).toEqual([]);
});

async function expectWords(identity: Identity, row: Row, start: string): Promise<void> {
  row.arrange();

  const error = await world.failure(identity);

  expect(error.code).toMatch(row.code);
  expect(error instanceof StalledError).toBe(row.mustAct ?? false);
  expect(error.message.slice(0, start.length)).toBe(start);
  expect(error.message).toContain(row.requestId === undefined ? '' : `request ${row.requestId}`);
  const told = renderError(error);
  expect(told).toContain(row.mend);
  // An Event's message ends at 1,024 characters.
  expect(told.length).toBeLessThan(900);
  expect(told).not.toMatch(HIDDEN);
  expect(told).not.toContain('\n');
}
