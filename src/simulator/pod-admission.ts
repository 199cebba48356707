/** ServiceAccount admission: gives a new Pod its ServiceAccount and, unless it brings some, that one's pull secrets. */
import { mapOf, textOf, type JsonObject } from './api-object.ts';
import { forbidden } from './api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { PODS, SERVICE_ACCOUNTS } from './resource-kinds.ts';
import { keyOf, type Store } from './store.ts';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** The Pod as admitted; what admission fills in belongs to no field manager. Throws a 403. */
export function admitPod(
  { namespace = '' }: ApiRequest,
  { name, pod }: { readonly name: string; readonly pod: JsonObject },
  store: Store,
): JsonObject {
  const refuse = (why: string): Error => forbidden(PODS, name, { why });
  const spec = mapOf(pod['spec']);
  if (MIRROR_ANNOTATION in mapOf(mapOf(pod['metadata'])['annotations'])) {
    if (spec['serviceAccountName'] !== undefined) {
      throw refuse('a mirror pod may not reference service accounts');
    }
    if (holdsSecretReference(spec)) throw refuse('a mirror pod may not reference secrets');
    return pod;
  }
  const { serviceAccountName = 'default', imagePullSecrets = [] } = spec;
  const accountName = textOf(serviceAccountName);
  const account = store.read(SERVICE_ACCOUNTS, keyOf(namespace, accountName));
  if (account === undefined) {
    const missing = `serviceaccount "${accountName}" not found`;
    throw refuse(`error looking up service account ${namespace}/${accountName}: ${missing}`);
  }
  const hasOwn = Array.isArray(imagePullSecrets) && imagePullSecrets.length > 0;
  const given = hasOwn ? imagePullSecrets : account['imagePullSecrets'];
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: accountName,
      serviceAccount: accountName,
      ...(given === undefined ? {} : { imagePullSecrets: given }),
    },
  };
}

const REFERENCES = new Set(['imagePullSecrets', 'secretKeyRef', 'secretRef', 'secret']);

/** Anywhere in a Pod's spec: pull secrets, environment, volumes. */
function holdsSecretReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([field, inner]) =>
      (REFERENCES.has(field) && typeof inner === 'object' && inner !== null) ||
      holdsSecretReference(inner),
  );
}
