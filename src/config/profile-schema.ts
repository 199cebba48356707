/** The schema of one profile. What the format knows and the program does not do yet is a fault that says so. */
import * as z from 'zod';
import { parseRegistryHost } from '../domain/registry-host.ts';
import { section } from './fault.ts';
import { allowedNamespaces } from './matcher-schema.ts';

/** Hosts of one region, and that region. */
export interface Registries {
  readonly region: string;
  readonly hosts: readonly string[];
}

const registries = z
  .array(z.string())
  .min(1)
  .transform((hosts, context): Registries => {
    const regions = new Set<string>();
    for (const [index, host] of hosts.entries()) {
      const problem = problemOf(host, hosts.indexOf(host) < index, regions);
      if (problem === undefined) continue;
      context.addIssue({ code: 'custom', path: [index], message: problem });
    }
    const [region = ''] = regions;
    return { region, hosts };
  });

/** Takes note of the host's region where there is no problem with it. */
function problemOf(host: string, isRepeated: boolean, regions: Set<string>): string | undefined {
  const parsed = parseRegistryHost(host);
  if (parsed.kind === 'invalid') return parsed.reason;
  if (isRepeated) return 'stands here twice';
  if (parsed.kind === 'public') return 'is ECR Public, which is not supported yet';
  regions.add(parsed.region);
  return regions.size > 1
    ? 'is in another region than the first, which is not supported yet: make a profile for each region'
    : undefined;
}

const credentials = section({
  source: z
    .enum(['auto', 'webIdentity', 'podIdentity', 'instanceProfile', 'environment'])
    .refine((source) => source === 'auto', 'is not supported yet: leave it out, or say auto'),
});

const assumeRole = section({
  roleArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]{0,10}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
      'must be the ARN of an IAM role',
    ),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be 2 to 1224 characters of those that IAM allows')
    .optional(),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, 'must be 2 to 64 characters of those that IAM allows')
    .optional(),
}).refine(() => false, 'is not supported yet: leave it out');

export const profileSchema = section({
  registries,
  credentials: credentials.optional(),
  assumeRole: assumeRole.optional(),
  allowedNamespaces: allowedNamespaces.optional(),
});
