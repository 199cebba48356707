/** What the demo shows of the cluster: names, hosts, dates. It never reads the content of a Secret. */
import { SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import type { AdminClient, KubeObject } from '../../test/support/control-plane/admin-client.ts';

export const SECRET_NAME = 'ecr-pull-secret';
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface SecretFacts {
  readonly uid: string;
  readonly registries: string;
  readonly expiresAt: Date;
  readonly removalDueAt: Date | undefined;
}

/** `undefined` where there is none. */
export async function findSecret(
  admin: AdminClient,
  namespace: string,
): Promise<SecretFacts | undefined> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${SECRET_NAME}`;
  const { status, body } = await admin.raw('GET', path, undefined, { accept: METADATA_ONLY });
  if (status !== 200) return undefined;
  const { uid = '', annotations = {} } = (body as KubeObject).metadata;
  const removalDueAt = annotations[SECRET_ANNOTATIONS.removalDueAt];
  return {
    uid,
    registries: annotations[SECRET_ANNOTATIONS.registries] ?? '',
    expiresAt: new Date(annotations[SECRET_ANNOTATIONS.expiresAt] ?? ''),
    removalDueAt: removalDueAt === undefined ? undefined : new Date(removalDueAt),
  };
}

/** The names in the `imagePullSecrets` of a ServiceAccount, in order. */
export async function readReferences(
  admin: AdminClient,
  namespace: string,
  account: string,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}`;
  const object = await admin.get(path);
  const entries = (object['imagePullSecrets'] ?? []) as readonly { readonly name: string }[];
  return entries.map(({ name }) => name);
}

/** Rows of a table, the head first. */
export async function secretRows(
  admin: AdminClient,
  namespaces: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const rows = namespaces.map(async (namespace) => {
    const facts = await findSecret(admin, namespace);
    if (facts === undefined) return [namespace, '(none)', '', ''];
    return [namespace, SECRET_NAME, facts.registries, describeExpiry(facts.expiresAt)];
  });
  return [['NAMESPACE', 'SECRET', 'REGISTRY', 'EXPIRES'], ...(await Promise.all(rows))];
}

export async function accountRows(
  admin: AdminClient,
  accounts: readonly (readonly [namespace: string, name: string])[],
): Promise<readonly (readonly string[])[]> {
  const rows = accounts.map(async ([namespace, name]) => {
    const references = await readReferences(admin, namespace, name);
    return [namespace, name, references.join(', ')];
  });
  return [['NAMESPACE', 'SERVICE ACCOUNT', 'IMAGE PULL SECRETS'], ...(await Promise.all(rows))];
}

function describeExpiry(expiresAt: Date): string {
  const leftS = Math.round((expiresAt.getTime() - Date.now()) / 1000);
  return `${expiresAt.toISOString().slice(11, 19)}Z, in ${leftS} s`;
}
