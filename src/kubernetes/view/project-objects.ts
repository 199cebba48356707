/** Keeps the few fields that we need of an object while a page is decoded: the rest is never kept in memory. */
import { fieldOf, recordOf } from '../../base/json.ts';
import { MAX_LABELS_KIB, SERVICE_ACCOUNT_ANNOTATIONS } from '../../domain/contract.ts';
import { parseAttach, parseNamespaceAnnotations } from '../../domain/state/annotations.ts';
import type { CachedNamespace, CachedServiceAccount } from '../../domain/state/observed.ts';
import { readObjectMeta } from '../transport/object-meta.ts';
import { unreadNamespace } from './unread-objects.ts';

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
  if (sizeOf(labels) > MAX_LABELS_KIB * 1024) {
    return { ...unreadNamespace(metadata), terminating };
  }
  const request = parseNamespaceAnnotations(annotations);
  return { name, uid, resourceVersion, labels, request, terminating };
}

/** `secretName`: the name of our Secret, whose references are counted. */
export function projectServiceAccount(
  object: unknown,
  secretName: string,
): CachedServiceAccount | undefined {
  const metadata = projectMetadata(object);
  if (metadata === undefined) return undefined;
  const { namespace, name, uid, resourceVersion, annotations } = metadata;
  const items = itemsOf(object);
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    attach: parseAttach(annotations[SERVICE_ACCOUNT_ANNOTATIONS.attach]),
    references: items.filter((item) => fieldOf(item, 'name') === secretName).length,
    imagePullSecrets:
      items.length > MAX_KEPT_REFERENCES ? undefined : unlessLong(items.map(recordOf)),
  };
}

/** Most ServiceAccounts have up to three references. A longer list is read when it is to be changed. */
const MAX_KEPT_REFERENCES = 16;
/** The longest name that a Secret can have. */
const MAX_KEPT_NAME = 253;

/** Every field counts, also one that Kubernetes may add: a list that is kept is written as it is. */
function unlessLong<T extends object>(items: readonly T[]): readonly T[] | undefined {
  const values = items.flatMap((item) => Object.values(item));
  const areShort = values.every(
    (value) => typeof value === 'string' && value.length <= MAX_KEPT_NAME,
  );
  return areShort ? items : undefined;
}

/** The whole list of a ServiceAccount. The API server itself reads an item that is not an object as an empty one. */
export function referencesOf(serviceAccount: unknown): readonly { readonly name?: string }[] {
  return itemsOf(serviceAccount).map(recordOf);
}

function itemsOf(serviceAccount: unknown): readonly unknown[] {
  const items = fieldOf(serviceAccount, 'imagePullSecrets');
  return Array.isArray(items) ? items : [];
}

/** How many characters there are. */
function sizeOf(texts: Readonly<Record<string, string>>): number {
  return Object.entries(texts).reduce((sum, [key, text]) => sum + key.length + text.length, 0);
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(recordOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
