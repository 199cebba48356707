/** Keeps the few fields of an object that we need, while a page is being decoded: the rest is never held in memory. */
import { NAMESPACE_ANNOTATIONS, SERVICE_ACCOUNT_ANNOTATIONS } from '../domain/contract.ts';
import type { NamespaceRecord, ServiceAccountRecord } from '../domain/observed.ts';

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

/** `undefined` for what is not an object of the API. */
export function projectMetadata(object: unknown): Metadata | undefined {
  const metadata = fieldOf(object, 'metadata');
  const name = fieldOf(metadata, 'name');
  const uid = fieldOf(metadata, 'uid');
  const resourceVersion = fieldOf(metadata, 'resourceVersion');
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof resourceVersion !== 'string') {
    return undefined;
  }
  const namespace = fieldOf(metadata, 'namespace');
  const managedFields = fieldOf(metadata, 'managedFields');
  return {
    name,
    namespace: typeof namespace === 'string' ? namespace : '',
    uid,
    resourceVersion,
    labels: stringsOf(fieldOf(metadata, 'labels')),
    annotations: stringsOf(fieldOf(metadata, 'annotations')),
    terminating: fieldOf(metadata, 'deletionTimestamp') !== undefined,
    managedFields: Array.isArray(managedFields) ? managedFields : [],
  };
}

export function projectNamespace(object: unknown): NamespaceRecord | undefined {
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

export function projectServiceAccount(object: unknown): ServiceAccountRecord | undefined {
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
    imagePullSecrets: Array.isArray(imagePullSecrets) ? imagePullSecrets.map(entryOf) : [],
  };
}

/** As the API server itself reads what is no object. */
function entryOf(entry: unknown): { readonly name?: string } {
  return typeof entry === 'object' && entry !== null ? entry : {};
}

/** A field of a value of unknown shape; `undefined` where there is none. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter((entry) => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
