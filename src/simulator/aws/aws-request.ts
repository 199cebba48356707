/** What a request to AWS asks for, and who signed it. */
import type { AwsWireRequest } from '../../aws/aws-wire.ts';

export interface AwsRequest {
  readonly service: 'ecr' | 'sts' | 'unknown';
  /** Such as `GetAuthorizationToken`. */
  readonly action: string;
  /** Of a query request (STS). */
  readonly fields: URLSearchParams;
  /** From the signature; empty for an unsigned request. */
  readonly region: string;
  readonly accessKeyId: string;
}

const ECR_TARGET = /^AmazonEC2ContainerRegistry_V\d+\.(\w+)$/;
const CREDENTIAL = /Credential=([^/]+)\/\d+\/([^/]+)\//;
const STS_ACTIONS = ['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity'];

export function readAwsRequest({
  headers,
  body,
}: Pick<AwsWireRequest, 'headers' | 'body'>): AwsRequest {
  const target = ECR_TARGET.exec(headers['x-amz-target'] ?? '')?.[1];
  const [, accessKeyId = '', region = ''] = CREDENTIAL.exec(headers['authorization'] ?? '') ?? [];
  const fields = new URLSearchParams(target === undefined ? body : '');
  const action = target ?? fields.get('Action') ?? '';
  return { service: serviceOf(target, action), action, fields, region, accessKeyId };
}

function serviceOf(target: string | undefined, action: string): AwsRequest['service'] {
  if (target === 'GetAuthorizationToken') return 'ecr';
  return target === undefined && STS_ACTIONS.includes(action) ? 'sts' : 'unknown';
}
