/** Recognises ECR registry hosts. Exact, because a credential for a look-alike host would go to a stranger. */
import { type Partition, partitionOf, regionPattern } from './aws-partition.ts';

export type RegistryHost =
  | {
      readonly kind: 'private';
      readonly host: string;
      readonly accountId: string;
      readonly region: string;
      readonly partition: Partition;
    }
  | {
      readonly kind: 'public';
      readonly host: string;
      readonly region: string;
      readonly partition: Partition;
    }
  /** `reason` is for people and does not repeat the host. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** The second is the dual-stack one. */
const PUBLIC_HOSTS: readonly string[] = ['public.ecr.aws', 'ecr-public.aws.com'];
/** The only region that issues tokens for ECR Public. */
const PUBLIC_REGION = 'us-east-1';
const MAX_LENGTH = 253;
const SHAPE = /^([^.]*)\.(dkr[.-]ecr)(-fips)?\.([^.]*)\.(.+)$/;

/** The hosts that the ECR credential helper and the kubelet's provider know; for ISO dual-stack, the ECS agent's. */
const SUFFIXES: ReadonlyMap<string, readonly Partition[]> = new Map([
  ['dkr.ecr amazonaws.com', ['aws', 'aws-us-gov']],
  ['dkr.ecr amazonaws.com.cn', ['aws-cn']],
  ['dkr.ecr amazonaws.eu', ['aws-eusc']],
  ['dkr.ecr c2s.ic.gov', ['aws-iso']],
  ['dkr.ecr sc2s.sgov.gov', ['aws-iso-b']],
  ['dkr.ecr cloud.adc-e.uk', ['aws-iso-e']],
  ['dkr.ecr csp.hci.ic.gov', ['aws-iso-f']],
  ['dkr-ecr on.aws', ['aws', 'aws-us-gov']],
  ['dkr-ecr on.amazonwebservices.com.cn', ['aws-cn']],
  ['dkr-ecr on.aws.ic.gov', ['aws-iso']],
  ['dkr-ecr on.aws.scloud', ['aws-iso-b']],
  ['dkr-ecr on.cloud-aws.adc-e.uk', ['aws-iso-e']],
  ['dkr-ecr on.aws.hci.ic.gov', ['aws-iso-f']],
]);

/** The hosts that `parseRegistryHost` accepts, as a pattern from the same tables. It also works in RE2, for the chart. */
export const REGISTRY_HOST = new RegExp(
  `^(?:${[...PUBLIC_HOSTS.map(literal), ...[...SUFFIXES].flatMap(hostPatterns)].join('|')})$`,
);

/** Never throws, whatever the input. The partition follows from the region, which must fit the host's suffix. */
export function parseRegistryHost(host: string): RegistryHost {
  if (PUBLIC_HOSTS.includes(host)) {
    return { kind: 'public', host, region: PUBLIC_REGION, partition: 'aws' };
  }
  const fault = findFault(host);
  if (fault !== undefined) return invalid(fault);

  return judge(host, SHAPE.exec(host) ?? []);
}

function judge(host: string, parts: readonly (string | undefined)[]): RegistryHost {
  const [, accountId = '', form = '', fips, region = '', suffix = ''] = parts;
  const partitions = SUFFIXES.get(`${form} ${suffix}`);
  if (partitions === undefined) {
    return invalid('not an ECR registry host such as <account>.dkr.ecr.<region>.amazonaws.com');
  }
  if (!/^\d{12}$/.test(accountId)) return invalid('must begin with an account ID of 12 digits');

  const partition = partitionOf(region);
  if (partition === undefined || !partitions.includes(partition)) {
    return invalid(`has a region that does not exist under ${suffix}`);
  }
  if (fips !== undefined && !hasFips(partition, region)) {
    return invalid('has the FIPS form, which exists only in regions of the United States');
  }
  return { kind: 'private', host, accountId, region, partition };
}

/** The most common mistakes, each with its own fix. */
function findFault(host: string): string | undefined {
  if (host === '') return 'is empty';
  if (host.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (host.includes('://')) return 'must be only a host: remove the scheme';
  if (host.includes('/')) return 'must be only a host: remove the path';
  if (host.includes('@')) return 'must be only a host: remove the user';
  if (host.includes(':')) return 'must be only a host: remove the port';
  if (host.endsWith('.')) return 'must not end with a dot';
  if (/[A-Z]/.test(host)) return 'must be in lower case';
  if (!/^[a-z0-9.-]+$/.test(host)) return 'has characters that no registry host can have';
  return undefined;
}

function hasFips(partition: Partition, region: string): boolean {
  const pattern = regionPattern([partition], 'fips');
  return pattern !== undefined && new RegExp(`^${pattern}$`).test(region);
}

function hostPatterns([shape, partitions]: readonly [
  string,
  readonly Partition[],
]): readonly string[] {
  const [form = '', suffix = ''] = shape.split(' ');
  const patternOf = (infix: string, regions: string | undefined) =>
    regions === undefined
      ? []
      : [`[0-9]{12}\\.${literal(form + infix)}\\.${regions}\\.${literal(suffix)}`];
  return [
    ...patternOf('', regionPattern(partitions, 'standard')),
    ...patternOf('-fips', regionPattern(partitions, 'fips')),
  ];
}

function literal(host: string): string {
  return host.replaceAll('.', '\\.');
}

function invalid(reason: string): RegistryHost {
  return { kind: 'invalid', reason };
}
