/** The schema of a profile's identity: where its credentials come from, and which roles it assumes with them. */
import * as z from 'zod';
import type { AssumedRole, CredentialSource } from '../domain/identity.ts';
import { section } from './fault.ts';
import { patternText } from './patterns/pattern-text.ts';

/** A longer chain is a mistake, and each link costs a call. */
const MAX_CHAIN = 5;

const roleArn = patternText(
  /^arn:aws[a-z-]{0,10}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  'the ARN of an IAM role',
).meta({ id: 'roleArn' });

const sessionName = patternText(/^[\w+=,.@-]{2,64}$/, '2 to 64 characters that IAM allows').meta({
  id: 'sessionName',
});

const ONLY_WITH_WEB_IDENTITY = 'is allowed only with source: webIdentity';

/** The same rules as in the transformation below, for the chart's schema. */
const WEB_IDENTITY_KEYS = {
  dependencies: {
    roleArn: ['tokenFile'],
    tokenFile: ['roleArn'],
    sessionName: ['roleArn', 'tokenFile'],
  },
  if: { required: ['source'], properties: { source: { const: 'webIdentity' } } },
  else: { properties: { roleArn: false, tokenFile: false, sessionName: false } },
};

export const credentials = section({
  source: z
    .enum(['auto', 'webIdentity', 'podIdentity', 'instanceProfile', 'environment'])
    .default('auto'),
  roleArn: roleArn.optional(),
  tokenFile: patternText(/^\/[\x21-\x7e]+$/, 'an absolute path', 1024).optional(),
  sessionName: sessionName.optional(),
})
  .transform((written, context): CredentialSource => {
    const { source, roleArn: role, tokenFile, sessionName: session } = written;
    const fault = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (source !== 'webIdentity') {
      for (const [key, value] of Object.entries({
        roleArn: role,
        tokenFile,
        sessionName: session,
      })) {
        if (value !== undefined) fault(key, ONLY_WITH_WEB_IDENTITY);
      }
      return { kind: source };
    }
    if (role !== undefined && tokenFile !== undefined) {
      return { kind: source, explicit: { roleArn: role, tokenFile, sessionName: session } };
    }
    if (role !== undefined) fault('tokenFile', 'is missing: it holds the token for roleArn');
    if (tokenFile !== undefined) fault('roleArn', 'is missing: set the role for the token');
    if (session !== undefined && role === undefined && tokenFile === undefined) {
      fault('sessionName', 'requires roleArn and tokenFile');
    }
    return { kind: source, explicit: undefined };
  })
  .meta(WEB_IDENTITY_KEYS);

/** As written: the name of the profile is added later. */
export type WrittenRole = Omit<AssumedRole, 'sessionTags'> & {
  readonly sessionTags: { readonly cluster: string | undefined; readonly profile: boolean };
};

const role = section({
  roleArn,
  externalId: patternText(
    /^[\w+=,.@:/-]{2,}$/,
    '2 to 1224 characters that IAM allows',
    1224,
  ).optional(),
  sessionName: sessionName.optional(),
  sessionTags: section({
    cluster: patternText(/^[\w .:/=+@-]{1,256}$/, '1 to 256 characters that IAM allows').optional(),
    profile: z.boolean().default(false),
  }).optional(),
}).meta({ id: 'assumedRole' });

/** One role, or several that are assumed in order. */
export const assumeRole = z
  .union([z.array(role).min(1).max(MAX_CHAIN, `must have at most ${MAX_CHAIN} roles`), role])
  .transform((written): readonly WrittenRole[] =>
    [written].flat().map(({ roleArn: arn, externalId, sessionName: session, sessionTags }) => ({
      roleArn: arn,
      externalId,
      sessionName: session,
      sessionTags: { cluster: sessionTags?.cluster, profile: sessionTags?.profile ?? false },
    })),
  );

export function rolesOf(written: readonly WrittenRole[], profile: string): readonly AssumedRole[] {
  return written.map(({ sessionTags, ...rest }) => ({
    ...rest,
    sessionTags: {
      ...(sessionTags.cluster === undefined ? {} : { cluster: sessionTags.cluster }),
      ...(sessionTags.profile ? { profile } : {}),
    },
  }));
}
