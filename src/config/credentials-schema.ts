/** The schema of a profile's identity: where its credentials come from, and which roles are assumed with them. */
import * as z from 'zod';
import type { AssumedRole, CredentialSource } from '../domain/identity.ts';
import { describe, section } from './fault.ts';

/** A chain longer than this is a mistake, and each link costs a call. */
const MAX_CHAIN = 5;

const roleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]{0,10}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
    'must be the ARN of an IAM role',
  );

const sessionName = z
  .string()
  .regex(/^[\w+=,.@-]{2,64}$/, 'must be 2 to 64 characters of those that IAM allows');

const ONLY_WITH_WEB_IDENTITY = 'is known with source: webIdentity only';

export const credentials = section({
  source: z
    .enum(['auto', 'webIdentity', 'podIdentity', 'instanceProfile', 'environment'])
    .default('auto'),
  roleArn: roleArn.optional(),
  tokenFile: z
    .string()
    .regex(/^\/[\x21-\x7e]{1,1023}$/, 'must be an absolute path')
    .optional(),
  sessionName: sessionName.optional(),
}).transform((written, context): CredentialSource => {
  const { source, roleArn: role, tokenFile, sessionName: session } = written;
  const fault = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  if (source !== 'webIdentity') {
    for (const [key, value] of Object.entries({ roleArn: role, tokenFile, sessionName: session })) {
      if (value !== undefined) fault(key, ONLY_WITH_WEB_IDENTITY);
    }
    return { kind: source };
  }
  if (role !== undefined && tokenFile !== undefined) {
    return { kind: source, explicit: { roleArn: role, tokenFile, sessionName: session } };
  }
  if (role !== undefined) fault('tokenFile', 'is missing: a role is assumed with its token');
  if (tokenFile !== undefined) fault('roleArn', 'is missing: say which role the token is for');
  if (session !== undefined && role === undefined && tokenFile === undefined) {
    fault('sessionName', 'needs roleArn and tokenFile beside it');
  }
  return { kind: source, explicit: undefined };
});

/** As written: whose profile it is, is known later. */
export type WrittenRole = Omit<AssumedRole, 'sessionTags'> & {
  readonly sessionTags: { readonly cluster: string | undefined; readonly profile: boolean };
};

const roleSchema = section({
  roleArn,
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be 2 to 1224 characters of those that IAM allows')
    .optional(),
  sessionName: sessionName.optional(),
  sessionTags: section({
    cluster: z
      .string()
      .regex(/^[\w .:/=+@-]{1,256}$/, 'must be 1 to 256 characters of those that IAM allows')
      .optional(),
    profile: z.boolean().default(false),
  }).optional(),
}).transform(({ roleArn: arn, externalId, sessionName: session, sessionTags }): WrittenRole => ({
  roleArn: arn,
  externalId,
  sessionName: session,
  sessionTags: { cluster: sessionTags?.cluster, profile: sessionTags?.profile ?? false },
}));

const chain = z.array(roleSchema).min(1).max(MAX_CHAIN, `must have at most ${MAX_CHAIN} roles`);

/** One role, or several that are assumed one after the other. No union of the two, whose faults would name no path. */
export const assumeRole = z.unknown().transform((written, context): readonly WrittenRole[] => {
  const result = Array.isArray(written)
    ? chain.safeParse(written, { error: describe })
    : z.tuple([roleSchema]).safeParse([written], { error: describe });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = Array.isArray(written) ? issue.path : issue.path.slice(1);
    context.issues.push({ ...issue, path, input: written } as z.core.$ZodRawIssue);
  }
  return z.NEVER;
});

export function rolesOf(written: readonly WrittenRole[], profile: string): readonly AssumedRole[] {
  return written.map(({ sessionTags, ...rest }) => ({
    ...rest,
    sessionTags: {
      ...(sessionTags.cluster === undefined ? {} : { cluster: sessionTags.cluster }),
      ...(sessionTags.profile ? { profile } : {}),
    },
  }));
}
