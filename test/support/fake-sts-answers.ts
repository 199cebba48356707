/** What the fake STS can answer (query in, XML out). */
import type { AwsError, ErrorMode, FakeAnswer } from './fake-ecr-answers.ts';

export type StsMode = { readonly kind: 'ok' } | ErrorMode;

export interface StsFacts {
  /** The fields of the request. */
  readonly fields: URLSearchParams;
  /** 1 for the first request to this fake. */
  readonly number: number;
  readonly nowMs: number;
  readonly account: string;
}

const HOUR_MS = 3_600_000;

/** Undefined for an action that this fake doesn't know. */
export function stsAnswer(facts: StsFacts): FakeAnswer | undefined {
  switch (facts.fields.get('Action') ?? '') {
    case 'AssumeRoleWithWebIdentity':
    case 'AssumeRole':
      return xml(facts, assumedRole(facts));
    case 'GetCallerIdentity':
      return xml(
        facts,
        `<Arn>arn:aws:sts::${facts.account}:assumed-role/fake/session</Arn>` +
          `<UserId>AROAFAKE:session</UserId><Account>${facts.account}</Account>`,
      );
    default:
      return undefined;
  }
}

function assumedRole({ fields, number, nowMs }: StsFacts): string {
  const session = fields.get('RoleSessionName') ?? 'session';
  const roleArn = fields.get('RoleArn') ?? '';
  const assumedArn = roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  const secondsAsked = Number(fields.get('DurationSeconds') ?? '0');
  const expiration = new Date(nowMs + (secondsAsked > 0 ? secondsAsked * 1000 : HOUR_MS));
  return (
    `<Credentials><AccessKeyId>ASIAFAKE${String(number).padStart(12, '0')}</AccessKeyId>` +
    `<SecretAccessKey>fake-secret-access-key</SecretAccessKey><SessionToken>fake-session-token</SessionToken>` +
    `<Expiration>${expiration.toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><AssumedRoleId>AROAFAKE:${session}</AssumedRoleId>` +
    `<Arn>${assumedArn}/${session}</Arn></AssumedRoleUser>`
  );
}

export function stsError(kind: Exclude<ErrorMode['kind'], 'hang'>): FakeAnswer {
  const { status, code, message } = STS_ERRORS[kind];
  return {
    status,
    contentType: 'text/xml',
    body:
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
      `<Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

const STS_ERRORS: Readonly<Record<Exclude<ErrorMode['kind'], 'hang'>, AwsError>> = {
  throttle: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  'server-error': { status: 500, code: 'InternalFailure', message: 'Internal failure' },
  deny: {
    status: 403,
    code: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  },
  'expired-credentials': {
    status: 400,
    code: 'ExpiredTokenException',
    message: 'Token expired: current date/time must be before the expiration date/time',
  },
  'unknown-key': {
    status: 400,
    code: 'InvalidIdentityToken',
    message: 'No OpenIDConnect provider found in your account',
  },
};

function xml({ fields }: StsFacts, result: string): FakeAnswer {
  const action = fields.get('Action') ?? '';
  return {
    status: 200,
    contentType: 'text/xml',
    body:
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>` +
      `${result}</${action}Result></${action}Response>`,
  };
}
