/** Reads from a request to AWS what it asks for and who signed it. */
import type { AwsWireRequest } from '../../src/aws/network/aws-wire.ts';

type Sent = Pick<AwsWireRequest, 'method' | 'url' | 'headers' | 'body'>;

export interface AwsRequest extends Sent {
  readonly service: 'ecr' | 'ecr-public' | 'sts' | 'registry' | 'unknown';
  /** Such as `GetAuthorizationToken`; `GET /v2/` of a registry. */
  readonly action: string;
  /** The form fields of a query request (STS). */
  readonly fields: URLSearchParams;
  /** From the signature; empty for an unsigned request. */
  readonly region: string;
  readonly accessKeyId: string;
}

const TARGET = /^(AmazonEC2ContainerRegistry_V\d+|SpencerFrontendService)\.(\w+)$/;
const CREDENTIAL = /Credential=([^/]+)\/\d+\/([^/]+)\//;
const STS_ACTIONS = ['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity'];

export function readAwsRequest({ method, url, headers, body }: Sent): AwsRequest {
  const [, accessKeyId = '', region = ''] = CREDENTIAL.exec(headers['authorization'] ?? '') ?? [];
  const sent = { method, url, headers, body };
  return { ...sent, ...readAction(sent), accessKeyId, region };
}

function readAction({
  method,
  url,
  headers,
  body,
}: Sent): Pick<AwsRequest, 'service' | 'action' | 'fields'> {
  if (method === 'GET' && new URL(url).pathname === '/v2/') {
    return { service: 'registry', action: 'GET /v2/', fields: new URLSearchParams() };
  }
  const target = TARGET.exec(headers['x-amz-target'] ?? '');
  const fields = new URLSearchParams(target === null ? body : '');
  const action = target?.[2] ?? fields.get('Action') ?? '';
  return { service: serviceOf(target?.[1], action), action, fields };
}

/** `target`: the API's name in the `x-amz-target` header of JSON services. */
function serviceOf(target: string | undefined, action: string): AwsRequest['service'] {
  if (target === undefined) return STS_ACTIONS.includes(action) ? 'sts' : 'unknown';
  if (action !== 'GetAuthorizationToken') return 'unknown';
  return target === 'SpencerFrontendService' ? 'ecr-public' : 'ecr';
}
