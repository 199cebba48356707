/** Which callers roles trust and which tokens are live: from this, STS refuses requests as the real one does. */
import type { AwsAnswer } from '../../../simulator/aws/aws-modes.ts';
import type { AwsRequest } from '../../../simulator/aws/aws-request.ts';
import { stsError } from '../../../simulator/aws/sts-answers.ts';

export interface FakeRole {
  /** The callers that may assume it: access key IDs or role ARNs. */
  readonly trusts?: readonly string[];
  /** Whether it trusts the cluster's tokens. */
  readonly trustsWebIdentity?: boolean;
  readonly externalId?: string;
  /** Whether its trust policy allows sts:TagSession. */
  readonly allowsTags?: boolean;
}

export const TOKEN_OF_POD = 'web-identity-token';

export class Trust {
  readonly roles = new Map<string, FakeRole>();
  /** Access keys that belong to no session. */
  readonly keys = new Set<string>();
  readonly liveTokens = new Set([TOKEN_OF_POD]);
  readonly staleTokens = new Set<string>();
  readonly #roleOf: (accessKeyId: string) => string | undefined;

  /** `roleOf`: the role whose session has this access key. */
  constructor(roleOf: (accessKeyId: string) => string | undefined) {
    this.#roleOf = roleOf;
  }

  /** STS's refusal of the request; `undefined` if it is allowed. */
  judge(request: AwsRequest): AwsAnswer | undefined {
    const { action, fields } = request;
    const role = this.roles.get(fields.get('RoleArn') ?? '');
    const judged =
      action === 'AssumeRole' ? this.#judgeKey(request, role) : this.#judgeToken(fields, role);
    return judgeForm(fields) ?? judged;
  }

  #judgeToken(fields: URLSearchParams, role: FakeRole | undefined): AwsAnswer | undefined {
    const token = fields.get('WebIdentityToken') ?? '';
    if (this.staleTokens.has(token)) {
      return stsError(400, 'ExpiredTokenException', `Token expired: ${token}`);
    }
    if (!this.liveTokens.has(token)) {
      return stsError(400, 'InvalidIdentityToken', 'No OpenIDConnect provider found');
    }
    return role?.trustsWebIdentity === true
      ? undefined
      : stsError(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }

  #judgeKey(
    { fields, accessKeyId }: AwsRequest,
    role: FakeRole | undefined,
  ): AwsAnswer | undefined {
    const caller = this.#roleOf(accessKeyId);
    if (caller === undefined && !this.keys.has(accessKeyId)) {
      return stsError(403, 'InvalidClientTokenId', 'The security token is invalid.');
    }
    const isTrusted = role?.trusts?.some((name) => name === accessKeyId || name === caller);
    if (isTrusted !== true || fields.get('ExternalId') !== (role?.externalId ?? null)) {
      return denied('sts:AssumeRole', fields);
    }
    const isTagged = fields.has('Tags.member.1.Key');
    return isTagged && role?.allowsTags !== true ? denied('sts:TagSession', fields) : undefined;
  }
}

function judgeForm(fields: URLSearchParams): AwsAnswer | undefined {
  if (Number(fields.get('DurationSeconds') ?? '3600') < 900) {
    return stsError(400, 'ValidationError', 'DurationSeconds is less than 900');
  }
  return /^[\w+=,.@-]{2,64}$/.test(fields.get('RoleSessionName') ?? '')
    ? undefined
    : stsError(400, 'ValidationError', 'RoleSessionName does not match');
}

/** Names the caller and the role, as the real STS does. */
function denied(action: string, fields: URLSearchParams): AwsAnswer {
  const caller = 'arn:aws:sts::111111111111:assumed-role/caller/s';
  const role = fields.get('RoleArn') ?? '';
  const message = `User: ${caller} is not authorized to perform: ${action} on resource: ${role}`;
  return stsError(403, 'AccessDenied', message);
}
