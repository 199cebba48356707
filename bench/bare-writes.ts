/** The two writes that a namespace needs, in the same form as the controller's, for a client that does nothing else. */
import type { AdminClient, KubeObject } from '../test/support/control-plane/admin-client.ts';
import { PULL_SECRET } from './bench-names.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** The content of a Secret that the controller wrote. */
export interface SecretTemplate {
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/** A namespace's ServiceAccount before it is attached. */
export interface AccountToAttach {
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export function templateOf(secret: KubeObject): SecretTemplate {
  return { annotations: secret.metadata.annotations ?? {}, data: secret['data'] };
}

export function accountToAttach({ metadata }: KubeObject): AccountToAttach {
  const { namespace = '', uid = '', resourceVersion = '' } = metadata;
  return { namespace, uid, resourceVersion };
}

/** The labels differ from the controller's, so that it ignores this Secret. */
export async function applySecret(
  client: AdminClient,
  namespace: string,
  { annotations, data }: SecretTemplate,
): Promise<void> {
  const labels = {
    'app.kubernetes.io/managed-by': 'bench',
    'app.kubernetes.io/instance': 'default',
  };
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: PULL_SECRET, resourceVersion: '1', labels, annotations },
    type: 'kubernetes.io/dockerconfigjson',
    data,
  };
  const path = `/api/v1/namespaces/${namespace}/secrets/${PULL_SECRET}?fieldManager=bench&force=false`;
  const contentType = 'application/apply-patch+yaml';
  const headers = { accept: METADATA_ONLY, 'content-type': contentType };
  expectGood(await client.raw('PATCH', path, body, headers));
}

export async function patchAccount(
  client: AdminClient,
  { namespace, uid, resourceVersion }: AccountToAttach,
): Promise<void> {
  const body = { metadata: { uid, resourceVersion }, imagePullSecrets: [{ name: PULL_SECRET }] };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  const headers = { 'content-type': 'application/merge-patch+json' };
  expectGood(await client.raw('PATCH', path, body, headers));
}

function expectGood({ status, body }: { readonly status: number; readonly body: unknown }): void {
  if (status >= 300) throw new Error(`bare write failed: ${status} ${JSON.stringify(body)}`);
}
