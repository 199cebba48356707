/** What the server does to a submitted object before validation: sets defaults and drops forms that it does not store. */
import { isJsonObject, mapOf, type JsonObject } from '../objects/api-object.ts';
import { withLeaseDefaults } from '../objects/lease-fields.ts';
import { withPodDefaults } from './pod-defaults.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  NAMESPACES,
  PODS,
  SECRETS,
  type ResourceKind,
} from '../objects/resource-kinds.ts';

/** Sets the server's defaults and drops empty maps and lists, which the stored form lacks. */
export function withDefaults(kind: ResourceKind, object: JsonObject): JsonObject {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  if (kind === NAMESPACES) return compact(withNamespaceDefaults(object, metadata));
  if (kind === SECRETS) return compact(withSecretDefaults(object));
  if (kind === CONFIG_MAPS) return compact({ ...object, data: withoutNull(object['data']) });
  if (kind === EVENTS) return withEventDefaults(compact(object));
  if (kind === PODS) return withPodDefaults(compact(object));
  // A Lease keeps its spec even when it is empty.
  if (kind === LEASES) return withLeaseDefaults(compact(object));
  return compact(object);
}

function withNamespaceDefaults(object: JsonObject, metadata: JsonObject): JsonObject {
  const labels = isJsonObject(metadata['labels']) ? metadata['labels'] : {};
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, 'kubernetes.io/metadata.name': metadata['name'] },
    },
    spec: object['spec'] ?? { finalizers: ['kubernetes'] },
    status: object['status'] ?? { phase: 'Active' },
  };
}

function withSecretDefaults({ stringData, ...object }: JsonObject): JsonObject {
  const data = withoutNull(object['data']);
  const encoded = Object.entries(isJsonObject(stringData) ? stringData : {}).map(
    ([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const,
  );
  return {
    ...object,
    type: object['type'] ?? 'Opaque',
    data: { ...data, ...Object.fromEntries(encoded) },
  };
}

/** The server reads a key without a value as an empty value. */
function withoutNull(texts: unknown): JsonObject {
  const entries = Object.entries(mapOf(texts)).map(([key, value]) => [key, value ?? ''] as const);
  return Object.fromEntries(entries);
}

/** Times have whole seconds; missing fields are sent as null or empty, and no manager owns them. */
function withEventDefaults(event: JsonObject): JsonObject {
  const toSecond = (time: unknown): unknown =>
    typeof time === 'string' ? time.replace(/\.\d+Z$/, 'Z') : null;
  const { count, ...rest } = event;
  return {
    ...EVENTS.unset,
    eventTime: null,
    ...rest,
    ...(count === undefined || count === 0 ? {} : { count }),
    firstTimestamp: toSecond(event['firstTimestamp']),
    lastTimestamp: toSecond(event['lastTimestamp']),
  };
}

function compact(object: JsonObject): JsonObject {
  const { labels, annotations, ...metadata } = mapOf(object['metadata']);
  const texts = { labels: withoutNull(labels), annotations: withoutNull(annotations) };
  return { ...withoutEmpty(object), metadata: withoutEmpty({ ...metadata, ...texts }) };
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => {
      if (value === null || value === undefined) return false;
      if (Array.isArray(value)) return value.length > 0;
      return !isJsonObject(value) || Object.keys(value).length > 0;
    }),
  );
}
