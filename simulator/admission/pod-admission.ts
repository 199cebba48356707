/** ServiceAccount admission: sets a new Pod's ServiceAccount and, if the Pod has no pull secrets, copies the account's. */
import { mapOf, textOf, type JsonObject } from '../objects/api-object.ts';
import { forbidden } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { PODS, SERVICE_ACCOUNTS } from '../objects/resource-kinds.ts';
import { keyOf, type Store } from '../objects/store.ts';

/** The Pod as admitted; fields that admission sets belong to no field manager. Throws a 403. */
export function admitPod(
  { namespace = '' }: ApiRequest,
  { name, pod }: { readonly name: string; readonly pod: JsonObject },
  store: Store,
): JsonObject {
  const spec = mapOf(pod['spec']);
  const { serviceAccountName = 'default', imagePullSecrets = [] } = spec;
  const accountName = textOf(serviceAccountName);
  const account = store.read(SERVICE_ACCOUNTS, keyOf(namespace, accountName));
  if (account === undefined) {
    const missing = `serviceaccount "${accountName}" not found`;
    const why = `error looking up service account ${namespace}/${accountName}: ${missing}`;
    throw forbidden(PODS, name, { why });
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
