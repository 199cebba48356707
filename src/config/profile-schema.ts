/** The schema of one profile. */
import * as z from 'zod';
import { assumeRole, credentials } from './credentials-schema.ts';
import { section } from './fault.ts';
import { allowedNamespaces } from './matcher-schema.ts';
import { registries } from './registries-schema.ts';

export const profileSchema = section({
  registries,
  credentials: credentials.optional(),
  assumeRole: assumeRole.optional(),
  verify: z.boolean().default(false),
  allowedNamespaces: allowedNamespaces.optional(),
});
