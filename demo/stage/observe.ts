/** Reads the cluster for the demo: names, hosts, dates, and what a kubelet would find for an image. */
import { SECRET_ANNOTATIONS, SECRET_DATA_KEY } from '../../src/domain/contract.ts';
import type { SecretText } from '../../src/domain/secret-text.ts';
import { credentialsFor } from '../../simulator/kubelet.ts';
import { type ClusterClient, METADATA_ONLY } from './cluster-client.ts';
import type { Stage } from './stage.ts';
import { formatHours } from './story-time.ts';

export interface SecretFacts {
  readonly uid: string;
  readonly registries: string;
  readonly expiresAt: Date;
  readonly removalDueAt: string | undefined;
}

export function namespacePath(name: string): string {
  return `/api/v1/namespaces/${name}`;
}

export function secretPath({ secretName }: Stage, namespace: string): string {
  return `${namespacePath(namespace)}/secrets/${secretName}`;
}

export function accountPath(namespace: string, name = 'default'): string {
  return `${namespacePath(namespace)}/serviceaccounts/${name}`;
}

/** From its metadata; `undefined` if there is none. */
export async function findSecret(
  stage: Stage,
  namespace: string,
): Promise<SecretFacts | undefined> {
  const found = await stage.cluster.find(secretPath(stage, namespace), METADATA_ONLY);
  if (found === undefined) return undefined;
  const { uid = '', annotations = {} } = found.metadata;
  return {
    uid,
    registries: annotations[SECRET_ANNOTATIONS.registries] ?? '',
    expiresAt: new Date(annotations[SECRET_ANNOTATIONS.expiresAt] ?? Number.NaN),
    removalDueAt: annotations[SECRET_ANNOTATIONS.removalDueAt],
  };
}

export async function readSecret(stage: Stage, namespace: string): Promise<SecretFacts> {
  const facts = await findSecret(stage, namespace);
  if (facts === undefined) throw new Error(`${namespace} has no Secret ${stage.secretName}`);
  return facts;
}

/** The names in the `imagePullSecrets` of a ServiceAccount or a Pod, in order. */
export async function readReferences(
  cluster: ClusterClient,
  path: string,
): Promise<readonly string[]> {
  const object = await cluster.find(path);
  const { imagePullSecrets = object?.['imagePullSecrets'] } = (object?.['spec'] ?? {}) as {
    readonly imagePullSecrets?: unknown;
  };
  const items = (imagePullSecrets ?? []) as readonly { readonly name: string }[];
  return items.map(({ name }) => name);
}

/** Whether the Secret has a live token, and the ServiceAccount one reference to it. */
export async function isReady(stage: Stage, namespace: string): Promise<boolean> {
  const secret = await findSecret(stage, namespace);
  if (secret === undefined || !(secret.expiresAt > stage.time.now())) return false;
  const references = await readReferences(stage.cluster, accountPath(namespace));
  return references.filter((name) => name === stage.secretName).length === 1;
}

export async function secretRows(stage: Stage): Promise<readonly (readonly string[])[]> {
  const rows = Object.values(stage.teams).map(async (namespace) => {
    const facts = await findSecret(stage, namespace);
    const references = await readReferences(stage.cluster, accountPath(namespace));
    const expires = facts === undefined ? '(no Secret)' : formatExpiry(stage, facts.expiresAt);
    return [namespace, expires, references.join(', ')];
  });
  const head = ['NAMESPACE', 'TOKEN EXPIRES', 'PULL SECRETS OF SERVICE ACCOUNT default'];
  return [head, ...(await Promise.all(rows))];
}

function formatExpiry({ time }: Stage, expiresAt: Date): string {
  return `in ${formatHours((expiresAt.getTime() - time.now().getTime()) / time.hourMs)}`;
}

export interface Pull {
  /** The key in the Secret that matched the image. */
  readonly key: string;
  readonly password: SecretText;
}

/**
 * Does what a kubelet does for a Pod before it pulls: reads the Secrets that the Pod names and searches for the image's
 * host. Returns the credentials that it would try first; throws an Error if it finds none.
 */
export async function pullAsKubelet(stage: Stage, namespace: string, pod: string): Promise<Pull> {
  const podPath = `${namespacePath(namespace)}/pods/${pod}`;
  const image = imageOf(await stage.cluster.find(podPath));
  for (const name of await readReferences(stage.cluster, podPath)) {
    const secret = await stage.cluster.find(`${namespacePath(namespace)}/secrets/${name}`);
    const { [SECRET_DATA_KEY]: content } = (secret?.['data'] ?? {}) as Record<string, string>;
    if (content === undefined) continue;
    const [first] = credentialsFor(image, Buffer.from(content, 'base64').toString());
    if (first !== undefined) return { key: first.key, password: first.password };
  }
  throw new Error(`no Secret of the Pod has credentials for ${image}`);
}

function imageOf(pod: Readonly<Record<string, unknown>> | undefined): string {
  const { containers = [] } = (pod?.['spec'] ?? {}) as {
    readonly containers?: readonly { readonly image: string }[];
  };
  return containers[0]?.image ?? '';
}
