/** Keeps the few fields that we need of an object while a page is decoded: the rest is never kept in memory. */
import { fieldOf, recordOf } from '../../base/json.ts';
import { NAMESPACE_ANNOTATIONS, SERVICE_ACCOUNT_ANNOTATIONS } from '../../domain/contract.ts';
import type { CachedNamespace, CachedServiceAccount } from '../../domain/state/observed.ts';
import { readObjectMeta } from '../transport/object-meta.ts';

/** Metadata as the API server sends it; every field is checked before it is used. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly terminating: boolean;
  readonly managedFields: readonly unknown[];
}

/** `undefined` if it is not an object of the API. */
export function projectMetadata(object: unknown): Metadata | undefined {
  const meta = readObjectMeta(object);
  if (meta === undefined) return undefined;
  const { labels, annotations, deletionTimestamp, managedFields } = recordOf(
    fieldOf(object, 'metadata'),
  );
  return {
    ...meta,
    namespace: meta.namespace ?? '',
    labels: stringsOf(labels),
    annotations: stringsOf(annotations),
    terminating: deletionTimestamp !== undefined,
    managedFields: Array.isArray(managedFields) ? managedFields : [],
  };
}

export function projectNamespace(object: unknown): CachedNamespace | undefined {
  const metadata = projectMetadata(object);
  if (metadata === undefined) return undefined;
  const { name, uid, resourceVersion, labels, annotations, terminating } = metadata;
  const ours = Object.values(NAMESPACE_ANNOTATIONS).flatMap((key) => {
    const value = annotations[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    name,
    uid,
    resourceVersion,
    labels,
    annotations: Object.fromEntries(ours),
    terminating,
  };
}

export function projectServiceAccount(object: unknown): CachedServiceAccount | undefined {
  const metadata = projectMetadata(object);
  if (metadata === undefined) return undefined;
  const { namespace, name, uid, resourceVersion, annotations } = metadata;
  const imagePullSecrets = fieldOf(object, 'imagePullSecrets');
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    attach: annotations[SERVICE_ACCOUNT_ANNOTATIONS.attach],
    // The API server itself reads an item that is not an object as an empty one.
    imagePullSecrets: Array.isArray(imagePullSecrets) ? imagePullSecrets.map(recordOf) : [],
  };
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(recordOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
