/** The schema of one profile, and what the chart can check of all of them. */
import * as z from 'zod';
import { DEFAULT_PROFILE } from '../domain/contract.ts';
import { assumeRole, credentials } from './credentials-schema.ts';
import { section } from './fault.ts';
import { allowedNamespaces } from './matcher-schema.ts';
import { registries } from './registries-schema.ts';

export const PROFILE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const profileSchema = section({
  registries,
  credentials: credentials.optional(),
  assumeRole: assumeRole.optional(),
  verify: z.boolean().default(false),
  allowedNamespaces: allowedNamespaces.optional(),
});

/** Each is read on its own (`readProfiles`), as a fault in one is no fault of the file; the chart rejects either. */
export const writtenProfiles = z.unknown().meta({
  type: 'object',
  minProperties: 1,
  patternProperties: { [PROFILE_NAME.source]: { $ref: '#/definitions/profile' } },
  additionalProperties: false,
  allOf: [
    {
      properties: { [DEFAULT_PROFILE]: true },
      additionalProperties: { required: ['allowedNamespaces'] },
    },
  ],
});
