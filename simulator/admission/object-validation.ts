/** Object content that the server refuses, with the causes that a real server names. */
import { mapOf, type JsonObject } from '../objects/api-object.ts';
import type { StatusCause } from '../objects/api-failure.ts';
import { leaseFaults } from '../objects/lease-fields.ts';
import { metadataFaultsOfNew, metadataFaultsOfUpdate } from './metadata-validation.ts';
import { podFaults } from './pod-validation.ts';
import { EVENTS, LEASES, PODS, SECRETS, type ResourceKind } from '../objects/resource-kinds.ts';

const DOCKER_CONFIG_TYPE = 'kubernetes.io/dockerconfigjson';
const DOCKER_CONFIG_KEY = '.dockerconfigjson';
const MAX_SECRET_BYTES = 1024 * 1024;

/** `live`: the object that `next` replaces. Returns an empty list if there is nothing to refuse. */
export function findFaults(
  kind: ResourceKind,
  next: JsonObject,
  live: JsonObject | undefined,
): readonly StatusCause[] {
  const content = contentFaults(kind, next, live);
  if (live !== undefined) return [...metadataFaultsOfUpdate(next, live), ...content];
  // The server validates the content of a new Event before its metadata.
  if (kind === EVENTS && content.length > 0) return content;
  return [...metadataFaultsOfNew(kind, next), ...content];
}

function contentFaults(
  kind: ResourceKind,
  next: JsonObject,
  live: JsonObject | undefined,
): readonly StatusCause[] {
  if (kind === SECRETS) return [...secretUpdateFaults(next, live), ...secretFaults(next)];
  if (kind === EVENTS) return eventFaults(next);
  if (kind === LEASES) return leaseFaults(next);
  return kind === PODS ? podFaults(next, live) : [];
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

/** An Event must be in its object's namespace; an Event about a cluster-scoped object must be in `default`. */
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
