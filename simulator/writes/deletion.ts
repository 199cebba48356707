/** DELETE: checks preconditions on UID and version, then removes the object, unless a finalizer, a kubelet or a namespace's content delays it. */
import { isJsonObject, renderTime, type ApiObject } from '../objects/api-object.ts';
import { notFound, unmet } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { renderObject } from '../objects/rendering.ts';
import { parseBody } from '../requests/request-body.ts';
import { NAMESPACES, PODS, type ResourceKind } from '../objects/resource-kinds.ts';
import { keyOf, type Store } from '../objects/store.ts';

const GRACE_OF_PODS_SECONDS = 30;

/** Returns the answer's body. Throws a 404, or a 409 for a precondition that does not hold. */
export function deleteOne(request: ApiRequest, store: Store, now: Date): Record<string, unknown> {
  const { kind, namespace, name = '' } = request;
  const live = store.read(kind, keyOf(namespace, name));
  if (live === undefined) throw notFound(kind, name);
  const options = request.body === '' ? {} : parseBody(request);
  const { preconditions, gracePeriodSeconds } = options;
  refuseUnmet(kind, live, isJsonObject(preconditions) ? preconditions : {});
  if (kind === NAMESPACES) return terminate(live, store, now);
  const asked = typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined;
  const { object, isGone } = deleteObject(kind, live, { store, now, graceSeconds: asked });
  if (!isGone || kind.deleteAnswer === 'object') return renderObject(object, request.metadataOnly);
  const group = kind.group === '' ? {} : { group: kind.group };
  const details = { name, ...group, kind: kind.resource, uid: live.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

interface DeletionSetting {
  readonly store: Store;
  readonly now: Date;
  readonly graceSeconds?: number | undefined;
}

/** Removes the object, or only marks it as being deleted if a finalizer or a grace period delays the removal. */
export function deleteObject(
  kind: ResourceKind,
  live: ApiObject,
  { store, now, graceSeconds }: DeletionSetting,
): { readonly object: ApiObject; readonly isGone: boolean } {
  const grace = kind === PODS ? graceOf(live, graceSeconds) : 0;
  const marked = marking(kind, live, { grace, now });
  const isHeld = (live.metadata.finalizers ?? []).length > 0 || grace > 0;
  if (!isHeld) {
    const key = keyOf(live.metadata.namespace, live.metadata.name);
    // Watches see a Pod terminating before it is deleted, however short its grace period.
    if (kind === PODS) store.put(kind, marked);
    return { object: store.remove(kind, key) ?? live, isGone: true };
  }
  const isMarked = live.metadata.deletionTimestamp !== undefined;
  return { object: isMarked ? live : store.put(kind, marked), isGone: false };
}

/** A Pod on a node waits for the kubelet; one that was never scheduled is removed at once. */
function graceOf({ spec }: ApiObject, asked: number | undefined): number {
  const isScheduled = isJsonObject(spec) && Boolean(spec['nodeName']);
  return isScheduled ? (asked ?? GRACE_OF_PODS_SECONDS) : 0;
}

function marking(
  kind: ResourceKind,
  live: ApiObject,
  { grace, now }: { readonly grace: number; readonly now: Date },
): ApiObject {
  const { generation } = live.metadata;
  const metadata = {
    ...live.metadata,
    ...(kind === PODS && generation !== undefined ? { generation: generation + 1 } : {}),
    deletionTimestamp: renderTime(new Date(now.getTime() + grace * 1000)),
    deletionGracePeriodSeconds: grace,
  };
  return { ...live, metadata };
}

function terminate(live: ApiObject, store: Store, now: Date): ApiObject {
  if (live.metadata.deletionTimestamp !== undefined) return live;
  const metadata = { ...live.metadata, deletionTimestamp: renderTime(now) };
  return store.put(NAMESPACES, { ...live, metadata, status: { phase: 'Terminating' } });
}

function refuseUnmet(
  kind: ResourceKind,
  { metadata }: ApiObject,
  { uid, resourceVersion }: Readonly<Record<string, unknown>>,
): void {
  const refuse = (
    what: string,
    asked: unknown,
    parts: { readonly record: string; readonly hint: string },
  ): never => {
    const precondition = `the ${what} in the precondition (${typeof asked === 'string' ? asked : ''})`;
    const why = `${precondition} does not match the ${what} in record (${parts.record}). ${parts.hint}`;
    throw unmet(kind, metadata.name, why);
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
