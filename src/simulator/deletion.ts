/** DELETE: preconditions on UID and version, then gone; a namespace only starts to go. */
import { isJsonObject, renderTime, type ApiObject } from './api-object.ts';
import { notFound, unmet } from './api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { renderObject } from './rendering.ts';
import { parseBody } from './request-body.ts';
import { NAMESPACES } from './resource-kinds.ts';
import { keyOf, type Store } from './store.ts';

/** The answer's body. Throws a 404, or a 409 for a precondition that does not hold. */
export function deleteOne(request: ApiRequest, store: Store, now: Date): Record<string, unknown> {
  const { kind, namespace, name = '' } = request;
  const live = store.read(kind, keyOf(namespace, name));
  if (live === undefined) throw notFound(kind, name);
  refuseUnmet(request, live);
  if (kind === NAMESPACES) return terminate(live, store, now);
  const gone = store.remove(kind, keyOf(namespace, name)) ?? live;
  if (kind.deleteAnswer === 'object') return renderObject(gone, request.metadataOnly);
  const group = kind.group === '' ? {} : { group: kind.group };
  const details = { name, ...group, kind: kind.resource, uid: live.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function terminate(live: ApiObject, store: Store, now: Date): ApiObject {
  if (live.metadata.deletionTimestamp !== undefined) return live;
  const metadata = { ...live.metadata, deletionTimestamp: renderTime(now) };
  return store.put(NAMESPACES, { ...live, metadata, status: { phase: 'Terminating' } });
}

function refuseUnmet(request: ApiRequest, { metadata }: ApiObject): void {
  const body = request.body === '' ? {} : parseBody(request);
  const { uid, resourceVersion } = isJsonObject(body['preconditions']) ? body['preconditions'] : {};
  const refuse = (
    what: string,
    asked: unknown,
    parts: { readonly record: string; readonly hint: string },
  ): never => {
    const precondition = `the ${what} in the precondition (${typeof asked === 'string' ? asked : ''})`;
    const why = `${precondition} does not match the ${what} in record (${parts.record}). ${parts.hint}`;
    throw unmet(request.kind, metadata.name, why);
  };
  if (uid !== undefined && uid !== metadata.uid) {
    refuse('UID', uid, {
      record: metadata.uid,
      hint: 'The object might have been deleted and then recreated',
    });
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const hint = 'The object might have been modified';
    refuse('ResourceVersion', resourceVersion, { record: metadata.resourceVersion, hint });
  }
}
