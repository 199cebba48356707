/** The last part of a write: validates, sets the server's metadata and commits, unless nothing changed. */
import { isDeepStrictEqual } from 'node:util';
import {
  omit,
  renderTime,
  type ApiObject,
  type JsonObject,
  type ManagedFieldsEntry,
} from '../objects/api-object.ts';
import { alreadyExists, badRequest, invalid } from '../objects/api-failure.ts';
import { isSameOwnership } from '../patches/field-owners.ts';
import { findFaults } from '../admission/object-validation.ts';
import { apiVersionOf, NAMESPACES, PODS, type ResourceKind } from '../objects/resource-kinds.ts';
import { keyOf, type Store } from '../objects/store.ts';
import { metadataOf, readMetadata } from '../objects/submitted-metadata.ts';

export interface Draft {
  readonly next: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

interface Setting {
  readonly store: Store;
  readonly now: Date;
  readonly newUid: () => string;
}

export function commitNew(
  kind: ResourceKind,
  { next, managedFields }: Draft,
  { store, now, newUid }: Setting,
): ApiObject {
  refuseFaults(kind, next, undefined);
  const { name = '', namespace } = readMetadata(next);
  const existing = store.read(kind, keyOf(namespace, name));
  if (existing !== undefined) throw alreadyExists(kind, existing.metadata);
  const metadata = {
    ...metadataOf(next),
    name,
    uid: newUid(),
    resourceVersion: '',
    ...(kind === PODS ? { generation: 1 } : {}),
    creationTimestamp: renderTime(now),
    ...(managedFields.length === 0 ? {} : { managedFields }),
  };
  return store.put(kind, { ...next, kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
}

/** A write that changes only times is not committed: the version stays. A write that removes the last finalizer completes a deletion. */
export function commitOver(
  kind: ResourceKind,
  live: ApiObject,
  draft: Draft,
  { store }: Pick<Setting, 'store'>,
): ApiObject {
  refuseFaults(kind, draft.next, live);
  const { managedFields: before = [] } = live.metadata;
  const identity = omit(live.metadata, 'managedFields');
  const given = omit(metadataOf(draft.next), 'managedFields');
  const kept = omit(identity, 'labels', 'annotations', 'finalizers');
  const metadata = { ...given, ...kept, ...nextGeneration(live, draft.next) };
  const next = { ...draft.next, ...fixed(kind, live), metadata };
  const isSameObject = isDeepStrictEqual({ ...live, metadata: identity }, next);
  if (isSameObject && isSameOwnership(before, draft.managedFields)) return live;
  const owners = draft.managedFields.length === 0 ? {} : { managedFields: draft.managedFields };
  const object = { ...next, metadata: { ...next.metadata, ...owners } };
  if (!isFinished(kind, object)) return store.put(kind, object);
  store.remove(kind, keyOf(live.metadata.namespace, live.metadata.name));
  return object;
}

/** If the object has a generation, a changed spec increments it. */
function nextGeneration({ metadata, spec }: ApiObject, next: JsonObject): object {
  const { generation } = metadata;
  if (generation === undefined || isDeepStrictEqual(spec, next['spec'])) return {};
  return { generation: generation + 1 };
}

/** Whether the object's deletion has begun and nothing delays it. */
function isFinished(kind: ResourceKind, { metadata }: ApiObject): boolean {
  if (kind === NAMESPACES || metadata.deletionTimestamp === undefined) return false;
  return (metadata.finalizers ?? []).length === 0 && !metadata.deletionGracePeriodSeconds;
}

/** Fields that a write to the object itself cannot change. */
function fixed(kind: ResourceKind, live: ApiObject): Pick<ApiObject, 'kind' | 'apiVersion'> {
  const server = kind.serverFields
    .filter((field) => field in live)
    .map((field) => [field, live[field]] as const);
  return { ...Object.fromEntries(server), kind: live.kind, apiVersion: live.apiVersion };
}

function refuseFaults(kind: ResourceKind, next: JsonObject, live: ApiObject | undefined): void {
  const { name = '' } = readMetadata(next);
  if (live !== undefined && name !== live.metadata.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${live.metadata.name})`,
    );
  }
  const faults = findFaults(kind, next, live);
  if (faults.length > 0) throw invalid(kind.kind, name, faults, kind.group);
}
