/** What the server refuses about an object's content, with the causes that a real server names. */
import { mapOf, type JsonObject } from './api-object.ts';
import type { StatusCause } from './api-failure.ts';
import { leaseFaults } from './lease-fields.ts';
import { podFaults } from './pod-validation.ts';
import { EVENTS, LEASES, PODS, SECRETS, type ResourceKind } from './resource-kinds.ts';

const DOCKER_CONFIG_TYPE = 'kubernetes.io/dockerconfigjson';
const DOCKER_CONFIG_KEY = '.dockerconfigjson';
const MAX_SECRET_BYTES = 1024 * 1024;
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** `live`: what the object replaces. An empty answer: nothing to refuse. */
export function findFaults(
  kind: ResourceKind,
  next: JsonObject,
  live: JsonObject | undefined,
): readonly StatusCause[] {
  const faults = metadataFaults(kind, next, live);
  if (kind === SECRETS) {
    return [...faults, ...secretUpdateFaults(next, live), ...secretFaults(next)];
  }
  if (kind === EVENTS) return [...faults, ...eventFaults(next)];
  if (kind === LEASES) return [...faults, ...leaseFaults(next)];
  if (kind === PODS) return [...faults, ...podFaults(next, live)];
  return faults;
}

function metadataFaults(
  kind: ResourceKind,
  next: JsonObject,
  live: JsonObject | undefined,
): StatusCause[] {
  const { name, uid, labels, annotations } = mapOf(next['metadata']);
  const faults: StatusCause[] = finalizerFaults(next, live);
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    return [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }];
  }
  const liveUid = mapOf(live?.['metadata'])['uid'];
  if (live !== undefined && uid !== liveUid) {
    const fault = cause(
      'Invalid',
      'metadata.uid',
      `Invalid value: ${JSON.stringify(uid)}: field is immutable`,
    );
    // Real servers name it twice.
    faults.push(fault, fault);
  }
  const isName = kind.namespaced
    ? NAME.test(String(name))
    : NAME.test(String(name)) && !String(name).includes('.');
  if (!isName || String(name).length > 253) {
    faults.push(
      cause(
        'Invalid',
        'metadata.name',
        `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 name`,
      ),
    );
  }
  for (const value of Object.values(mapOf(labels))) {
    if (LABEL_VALUE.test(String(value)) && String(value).length <= 63) continue;
    faults.push(
      cause('Invalid', 'metadata.labels', `Invalid value: ${JSON.stringify(value)}: a valid label`),
    );
  }
  return [...faults, ...annotationFaults(mapOf(annotations))];
}

function annotationFaults(annotations: JsonObject): StatusCause[] {
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + byteLength(key + String(value)),
    0,
  );
  if (bytes <= MAX_ANNOTATIONS_BYTES) return [];
  const limit = `may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`;
  return [cause('TooLong', 'metadata.annotations', `Too long: ${limit}`)];
}

/** What is being deleted may lose finalizers and gets no new ones. */
function finalizerFaults(next: JsonObject, live: JsonObject | undefined): StatusCause[] {
  const before = mapOf(live?.['metadata']);
  if (before['deletionTimestamp'] === undefined) return [];
  const added = listOf(mapOf(next['metadata'])['finalizers']).filter(
    (finalizer) => !listOf(before['finalizers']).includes(finalizer),
  );
  if (added.length === 0) return [];
  const found = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  const fault = cause('Forbidden', 'metadata.finalizers', `Forbidden: ${why}`);
  // Real servers name it twice.
  return [fault, fault];
}

function secretUpdateFaults(next: JsonObject, live: JsonObject | undefined): StatusCause[] {
  if (live === undefined) return [];
  const faults: StatusCause[] = [];
  if (next['type'] !== live['type']) {
    faults.push(
      cause(
        'Invalid',
        'type',
        `Invalid value: ${JSON.stringify(next['type'])}: field is immutable`,
      ),
    );
  }
  if (live['immutable'] !== true) return faults;
  const message = 'Forbidden: field is immutable when `immutable` is set';
  if (next['immutable'] !== true) faults.push(cause('Forbidden', 'immutable', message));
  if (canonical(next['data']) !== canonical(live['data'])) {
    faults.push(cause('Forbidden', 'data', message));
  }
  return faults;
}

function secretFaults(next: JsonObject): StatusCause[] {
  const data = mapOf(next['data']) as Readonly<Record<string, string>>;
  const bytes = Object.values(data).reduce<number>(
    (sum, value) => sum + Buffer.from(value, 'base64').length,
    0,
  );
  if (bytes > MAX_SECRET_BYTES) {
    return [cause('TooLong', 'data', `Too long: may not be more than ${MAX_SECRET_BYTES} bytes`)];
  }
  if (next['type'] !== DOCKER_CONFIG_TYPE) return [];
  const field = `data[${DOCKER_CONFIG_KEY}]`;
  const config = data[DOCKER_CONFIG_KEY];
  if (config === undefined) return [cause('Required', field, 'Required value')];
  if (isJsonText(Buffer.from(config, 'base64').toString())) return [];
  return [
    cause('Invalid', field, 'Invalid value: "<secret contents redacted>": invalid character'),
  ];
}

/** An Event may live only where its object does; one about something without a namespace only in `default`. */
function eventFaults(next: JsonObject): StatusCause[] {
  const home = mapOf(next['metadata'])['namespace'];
  const about = mapOf(next['involvedObject'])['namespace'] ?? '';
  if (about === home || (about === '' && home === 'default')) return [];
  const message = `Invalid value: ${JSON.stringify(about)}: does not match event.namespace`;
  return [cause('Invalid', 'involvedObject.namespace', message)];
}

function cause(reason: string, field: string, message: string): StatusCause {
  return { reason: `FieldValue${reason}`, message, field };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function canonical(value: unknown): string {
  return JSON.stringify(Object.entries(mapOf(value)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
