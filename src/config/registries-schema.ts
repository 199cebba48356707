/** The schema of a profile's registries: checked one by one, and grouped by what one token opens. */
import * as z from 'zod';
import type { Partition } from '../domain/token/aws-partition.ts';
import type { Identity } from '../domain/identity.ts';
import { quote } from '../domain/quote.ts';
import { MAX_HOSTS } from '../domain/state/secret-size.ts';
import {
  parseRegistryHost,
  REGISTRY_HOST,
  type RegistryHost,
} from '../domain/token/registry-host.ts';
import { inWords } from './patterns/pattern-text.ts';

/** Hosts that the same token opens. */
export interface RegistryGroup {
  readonly service: Identity['service'];
  readonly region: string;
  readonly hosts: readonly string[];
}

export interface Registries {
  readonly groups: readonly RegistryGroup[];
  readonly partition: Partition;
}

type ValidHost = Exclude<RegistryHost, { kind: 'invalid' }>;

const WHAT =
  'only the host of an ECR registry, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The chart checks each host with the pattern only; here `parseRegistryHost` explains what is wrong with it. */
export const registries = z
  .array(z.string().meta({ maxLength: 253, ...inWords({ pattern: REGISTRY_HOST.source }, WHAT) }))
  .min(1)
  .transform((hosts, context): Registries => {
    const valid: ValidHost[] = [];
    for (const [index, host] of hosts.entries()) {
      const parsed = parseRegistryHost(host);
      const fault = faultOf(parsed, hosts.indexOf(host) < index, valid[0]?.partition);
      if (fault !== undefined) {
        context.addIssue({ code: 'custom', path: [index], message: `${shown(host)}${fault}` });
      } else if (parsed.kind !== 'invalid') {
        valid.push(parsed);
      }
    }
    return { groups: group(valid), partition: valid[0]?.partition ?? 'aws' };
  })
  .meta({ maxItems: MAX_HOSTS, uniqueItems: true });

function faultOf(
  parsed: RegistryHost,
  isRepeated: boolean,
  partition: Partition | undefined,
): string | undefined {
  if (parsed.kind === 'invalid') return parsed.reason;
  if (isRepeated) return 'is listed twice';
  return partition === undefined || parsed.partition === partition
    ? undefined
    : `is in partition ${parsed.partition}, but the first registry is in partition ${partition}: no identity has permissions in both, so define one profile for each`;
}

/** Hides a host with an `@`: what comes before it may be a password. */
function shown(host: string): string {
  return host === '' || host.includes('@') ? '' : `${quote(host)}: `;
}

function group(hosts: readonly ValidHost[]): readonly RegistryGroup[] {
  const groups = Map.groupBy(hosts, ({ kind, region }) => `${kind} ${region}`);
  return [...groups.values()].map((members) => ({
    service: members[0]?.kind === 'public' ? 'ecr-public' : 'ecr',
    region: members[0]?.region ?? '',
    hosts: members.map(({ host }) => host),
  }));
}
