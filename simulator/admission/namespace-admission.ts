/** Refuses to create objects in a namespace that is missing or terminating. */
import { forbidden, notFound } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { NAMESPACES } from '../objects/resource-kinds.ts';
import type { Store } from '../objects/store.ts';

export function refuseCreation({ kind, namespace }: ApiRequest, name: string, store: Store): void {
  if (namespace === undefined) return;
  const home = store.read(NAMESPACES, namespace);
  if (home === undefined) throw notFound(NAMESPACES, namespace);
  if (home.metadata.deletionTimestamp === undefined) return;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(kind, name, {
    why: `unable to create new content in namespace ${namespace} because it is being terminated`,
    causes: [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
  });
}
