/** Answers of STS (query in, XML out). */
import type { AwsAnswer, Refusal, RefusalKind } from './aws-modes.ts';

/** The session of an assumed role: temporary credentials with their own access key. */
export interface Session {
  readonly accessKeyId: string;
  readonly account: string;
  readonly roleArn: string;
  /** The ARN of the assumed role, with the session name. */
  readonly arn: string;
  readonly expiresAt: Date;
}

const HOUR_MS = 3_600_000;
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export function isAssumption(action: string): boolean {
  return action === 'AssumeRole' || action === 'AssumeRoleWithWebIdentity';
}

/** `fields`: the request's form fields. `number`: 1 for the first session of this `SimulatedAws`. */
export function newSession(fields: URLSearchParams, number: number, now: Date): Session {
  const roleArn = fields.get('RoleArn') ?? '';
  const assumedArn = roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  const secondsAsked = Number(fields.get('DurationSeconds') ?? '0');
  return {
    accessKeyId: `ASIAFAKE${String(number).padStart(12, '0')}`,
    account: roleArn.split(':')[4] ?? '',
    roleArn,
    arn: `${assumedArn}/${sessionName(fields)}`,
    expiresAt: new Date(now.getTime() + (secondsAsked > 0 ? secondsAsked * 1000 : HOUR_MS)),
  };
}

export function answerWithSession(fields: URLSearchParams, session: Session): AwsAnswer {
  return answer(
    fields,
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>fake-secret-access-key</SecretAccessKey><SessionToken>fake-session-token</SessionToken>` +
      `<Expiration>${session.expiresAt.toISOString()}</Expiration></Credentials>` +
      `<AssumedRoleUser><AssumedRoleId>AROAFAKE:${sessionName(fields)}</AssumedRoleId>` +
      `<Arn>${session.arn}</Arn></AssumedRoleUser>`,
  );
}

export function answerWithIdentity(
  fields: URLSearchParams,
  { arn, account }: Pick<Session, 'arn' | 'account'>,
): AwsAnswer {
  return answer(
    fields,
    `<Arn>${arn}</Arn><UserId>AROAFAKE:session</UserId><Account>${account}</Account>`,
  );
}

export function refuseAsSts(kind: RefusalKind, action: string): AwsAnswer {
  const { status, code, message } = REFUSALS[kind];
  return stsError(status, code, message.replace('ACTION', action));
}

export function stsError(status: number, code: string, message = 'no details'): AwsAnswer {
  return {
    status,
    contentType: 'text/xml',
    body:
      `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type>` +
      `<Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

const REFUSALS: Readonly<Record<RefusalKind, Refusal>> = {
  throttle: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  'server-error': { status: 500, code: 'InternalFailure', message: 'Internal failure' },
  deny: { status: 403, code: 'AccessDenied', message: 'Not authorized to perform sts:ACTION' },
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

function answer(fields: URLSearchParams, result: string): AwsAnswer {
  const action = fields.get('Action') ?? '';
  return {
    status: 200,
    contentType: 'text/xml',
    body:
      `<${action}Response xmlns="${NAMESPACE}"><${action}Result>` +
      `${result}</${action}Result></${action}Response>`,
  };
}

function sessionName(fields: URLSearchParams): string {
  return fields.get('RoleSessionName') ?? 'session';
}
