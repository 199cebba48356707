/** Answers of ECR and ECR Public to GetAuthorizationToken (awsJson1.1), real ones and broken ones. */
import type { AwsAnswer, EcrMode, JunkKind, Refusal, RefusalKind } from './aws-modes.ts';
import { passwordOf } from './token-password.ts';

export interface TokenFacts {
  readonly service: 'ecr' | 'ecr-public';
  /** 1 for the first token of this `SimulatedAws`. */
  readonly number: number;
  readonly nowMs: number;
  readonly lifeMs: number;
  readonly account: string;
  readonly region: string;
  /** Contained in every password. */
  readonly marker: string;
}

/** A good answer, one with an implausible `expiresAt`, or junk. */
export function answerWithToken(facts: TokenFacts, mode: EcrMode): AwsAnswer {
  if (mode.kind === 'junk') return junkAnswer(facts, mode.junk);
  const expiresAt = mode.kind === 'expiry' ? oddExpiry(facts, mode.expiresAt) : goodExpiry(facts);
  return json({ authorizationData: shaped(facts, { ...authorization(facts), ...expiresAt }) });
}

/** ECR Public returns one object where ECR returns a list, and names no registry. */
function shaped({ service }: TokenFacts, item: Readonly<Record<string, unknown>>): unknown {
  return service === 'ecr' ? [item] : { ...item, proxyEndpoint: undefined };
}

function authorization(facts: TokenFacts) {
  return {
    authorizationToken: base64(`AWS:${passwordOf(facts.number, facts.marker)}`),
    proxyEndpoint: `https://${facts.account}.dkr.ecr.${facts.region}.${dnsSuffixOf(facts.region)}`,
  };
}

function dnsSuffixOf(region: string): string {
  const [, suffix] = DNS_SUFFIXES.find(([start]) => region.startsWith(start)) ?? [];
  return suffix ?? 'amazonaws.com';
}

const DNS_SUFFIXES: readonly (readonly [start: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eusc-', 'amazonaws.eu'],
];

/** Seconds with a fraction, as in real answers. */
function goodExpiry({ nowMs, lifeMs }: TokenFacts) {
  return { expiresAt: (nowMs + lifeMs) / 1000 };
}

function oddExpiry({ nowMs }: TokenFacts, kind: 'missing' | 'past' | 'far' | 'text'): object {
  switch (kind) {
    case 'missing':
      return {};
    case 'past':
      return { expiresAt: Date.UTC(2015, 0, 1) / 1000 };
    case 'far':
      return { expiresAt: nowMs / 1000 + 30 * 86_400 };
    case 'text':
      return { expiresAt: 'tomorrow' };
  }
}

function junkAnswer(facts: TokenFacts, junk: JunkKind): AwsAnswer {
  const good = { ...authorization(facts), ...goodExpiry(facts) };
  const withToken = (authorizationToken: unknown) =>
    json({ authorizationData: shaped(facts, { ...good, authorizationToken }) });
  switch (junk) {
    case 'empty-body':
      return { ...json({}), body: '' };
    case 'html':
      return { status: 200, contentType: 'text/html', body: '<html>Sign in to the proxy</html>' };
    case 'truncated-json': {
      const { body } = json({ authorizationData: shaped(facts, good) });
      return { ...json({}), body: body.slice(0, body.length / 2) };
    }
    case 'empty-object':
      return json({});
    case 'empty-list':
      return json({ authorizationData: [] });
    case 'no-token':
      return withToken(undefined);
    case 'token-not-base64':
      return withToken(`%%% ${facts.marker} %%%`);
    case 'token-without-colon':
      return withToken(base64(passwordOf(facts.number, facts.marker)));
    case 'other-user':
      return withToken(base64(`somebody:${passwordOf(facts.number, facts.marker)}`));
    case 'empty-password':
      return withToken(base64('AWS:'));
    case 'null-token':
      return withToken(null);
  }
}

/** Worded as by the real services; STS has its own codes. */
export function refuseAsEcr(kind: RefusalKind, service: TokenFacts['service']): AwsAnswer {
  const { status, code, message } = ECR_ERRORS[kind];
  return ecrError(status, code, message.replace('SERVICE', service));
}

export function ecrError(status: number, type: string, message = 'no details'): AwsAnswer {
  return json({ __type: type, message }, status);
}

const ECR_ERRORS: Readonly<Record<RefusalKind, Refusal>> = {
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  'server-error': { status: 500, code: 'ServerException', message: 'Internal server error' },
  deny: {
    status: 400,
    code: 'AccessDeniedException',
    message:
      'User: arn:aws:sts::123456789012:assumed-role/fake/session is not authorized to perform: ' +
      'SERVICE:GetAuthorizationToken on resource: *',
  },
  'expired-credentials': {
    status: 400,
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
  'unknown-key': {
    status: 400,
    code: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  },
};

export function json(body: object, status = 200): AwsAnswer {
  return { status, contentType: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
