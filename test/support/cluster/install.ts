/** An installation: its names, the documents of manifests/install.yaml, and what its permissions allow. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import type { ServiceAccountUser } from '../control-plane/control-plane.ts';
import { GUARD_PROBE } from '../../../src/domain/contract.ts';

export const INSTALL = new URL('../../../manifests/install.yaml', import.meta.url);

/** The namespace and the ServiceAccount of an installation without options. */
export const INSTALLED_AS = {
  namespace: 'ecr-pull-secrets',
  serviceAccount: 'ecr-pull-secrets',
} as const;

/** The API server's user name of this ServiceAccount. */
export const OUR_USER = userOf(INSTALLED_AS);

export function userOf({ namespace, serviceAccount }: ServiceAccountUser): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** The documents of manifests/install.yaml, the chart with its defaults; needs no helm. */
export async function readInstallation(): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await readFile(INSTALL, 'utf8'));
  return documents.map((document) => document.toJS() as KubeObject);
}

/** Whether RBAC allows this to our ServiceAccount, or to another user. */
export async function isAllowed(
  admin: AdminClient,
  resourceAttributes: Readonly<Record<string, string>>,
  user = OUR_USER,
): Promise<boolean> {
  const review = await admin.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user, resourceAttributes },
  });
  return (review['status'] as { readonly allowed: boolean }).allowed;
}

/** Whether this URI or query belongs to a dry run that the guard is to refuse. */
export function isGuardProbe(uri: string): boolean {
  return uri.includes(encodeURIComponent(GUARD_PROBE));
}
