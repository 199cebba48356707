/** STS as far as we use it: it knows roles, whom they trust and which tokens are live, and says no as the real one does. */
import { REQUEST_ID, type Reply, type StubCall, stsError } from '../ecr-stub.ts';

export interface FakeRole {
  /** Who may assume it: access key ids, or ARNs of roles. */
  readonly trusts?: readonly string[];
  /** Whether it trusts the cluster's tokens. */
  readonly trustsWebIdentity?: boolean;
  readonly externalId?: string;
  /** Whether its trust policy allows sts:TagSession. */
  readonly allowsTags?: boolean;
}

export interface StsCall {
  readonly action: string;
  readonly fields: URLSearchParams;
  readonly accessKeyId: string;
  /** Of the signature; empty for web identity. */
  readonly region: string;
}

export const TOKEN_OF_POD = 'web-identity-token';

export class FakeSts {
  readonly roles = new Map<string, FakeRole>();
  /** Access keys of no session of ours. */
  readonly keys = new Set<string>();
  readonly liveTokens = new Set([TOKEN_OF_POD]);
  readonly staleTokens = new Set<string>();
  readonly calls: StsCall[] = [];
  /** What it says before it looks at anything. */
  refuse: (call: StsCall) => Reply | undefined = () => undefined;
  readonly #sessions = new Map<string, string>();

  /** Of the session with this access key. */
  roleOf(accessKeyId: string): string | undefined {
    return this.#sessions.get(accessKeyId);
  }

  answer({ body, headers }: Pick<StubCall, 'body' | 'headers'>): Reply {
    const fields = new URLSearchParams(body);
    const [, accessKeyId = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
    const call = { action: fields.get('Action') ?? '', fields, accessKeyId, region };
    this.calls.push(call);
    return (
      this.refuse(call) ?? this.#judgeForm(call) ?? this.#judgeCaller(call) ?? this.#open(call)
    );
  }

  #judgeForm({ fields }: StsCall): Reply | undefined {
    const seconds = Number(fields.get('DurationSeconds') ?? '3600');
    if (seconds < 900) return stsError(400, 'ValidationError', 'DurationSeconds is less than 900');
    const name = fields.get('RoleSessionName') ?? '';
    return /^[\w+=,.@-]{2,64}$/.test(name)
      ? undefined
      : stsError(400, 'ValidationError', 'RoleSessionName does not match');
  }

  #judgeCaller(call: StsCall): Reply | undefined {
    const role = this.roles.get(call.fields.get('RoleArn') ?? '');
    return call.action === 'AssumeRoleWithWebIdentity'
      ? this.#judgeToken(call, role)
      : this.#judgeKey(call, role);
  }

  #judgeToken({ fields }: StsCall, role: FakeRole | undefined): Reply | undefined {
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

  #judgeKey({ fields, accessKeyId }: StsCall, role: FakeRole | undefined): Reply | undefined {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined && !this.keys.has(accessKeyId)) {
      return stsError(403, 'InvalidClientTokenId', 'The security token is invalid.');
    }
    const isTrusted = role?.trusts?.some((name) => name === accessKeyId || name === session);
    if (isTrusted !== true || fields.get('ExternalId') !== (role?.externalId ?? null)) {
      return denied('sts:AssumeRole', fields);
    }
    const isTagged = fields.has('Tags.member.1.Key');
    return isTagged && role?.allowsTags !== true ? denied('sts:TagSession', fields) : undefined;
  }

  #open({ action, fields }: StsCall): Reply {
    const accessKeyId = `ASIASESSION${String(this.#sessions.size + 1).padStart(9, '0')}`;
    const arn = fields.get('RoleArn') ?? '';
    this.#sessions.set(accessKeyId, arn);
    const seconds = Number(fields.get('DurationSeconds') ?? '3600');
    const expiration = new Date(Date.now() + seconds * 1_000).toISOString();
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body:
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>` +
        `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>` +
        `<SessionToken>session</SessionToken><Expiration>${expiration}</Expiration></Credentials>` +
        `<AssumedRoleUser><Arn>${arn}/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser>` +
        `</${action}Result><ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${action}Response>`,
    };
  }
}

/** Names the caller and the role, as the real one does. */
function denied(action: string, fields: URLSearchParams): Reply {
  return stsError(
    403,
    'AccessDenied',
    `User: arn:aws:sts::111111111111:assumed-role/caller/s is not authorized to perform: ${action} on resource: ${fields.get('RoleArn') ?? ''}`,
  );
}
