/** Metadata that the server refuses. */
import { mapOf, type JsonObject } from '../objects/api-object.ts';
import type { StatusCause } from '../objects/api-failure.ts';
import { isKey, isLabelValue, isName } from '../objects/name-forms.ts';
import type { ResourceKind } from '../objects/resource-kinds.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;
/** Our own wording: nothing reads the server's, which contains regular expressions. */
const BAD_FORM = 'does not have the right form';

export function metadataFaultsOfNew(kind: ResourceKind, next: JsonObject): StatusCause[] {
  const { name = '' } = mapOf(next['metadata']);
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    return [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }];
  }
  return [...nameFaults(kind, String(name)), ...textFaults(next)];
}

/** A real server validates in several places and reports each fault once per place. */
export function metadataFaultsOfUpdate(next: JsonObject, live: JsonObject): StatusCause[] {
  return [...textFaults(next), ...finalizerFaults(next, live), ...uidFaults(next, live)];
}

function nameFaults(kind: ResourceKind, name: string): StatusCause[] {
  if (isName(name, { dots: kind.namespaced })) return [];
  return [misfit('metadata.name', name, BAD_FORM)];
}

function textFaults(next: JsonObject): StatusCause[] {
  const { labels, annotations } = mapOf(next['metadata']);
  return [
    ...keyFaults('metadata.labels', mapOf(labels)),
    ...Object.values(mapOf(labels))
      .filter((value) => !isLabelValue(String(value)))
      .map((value) => misfit('metadata.labels', value, BAD_FORM)),
    ...keyFaults('metadata.annotations', mapOf(annotations)),
    ...sizeFaults(mapOf(annotations)),
  ];
}

function keyFaults(field: string, texts: JsonObject): StatusCause[] {
  const bad = Object.keys(texts).filter((key) => !isKey(key));
  return bad.map((key) => misfit(field, key, BAD_FORM));
}

function sizeFaults(annotations: JsonObject): StatusCause[] {
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key + String(value)),
    0,
  );
  if (bytes <= MAX_ANNOTATIONS_BYTES) return [];
  const message = `Too long: may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`;
  return [{ reason: 'FieldValueTooLong', message, field: 'metadata.annotations' }];
}

function uidFaults(next: JsonObject, live: JsonObject): StatusCause[] {
  const { uid } = mapOf(next['metadata']);
  if (uid === mapOf(live['metadata'])['uid']) return [];
  return [misfit('metadata.uid', uid, 'field is immutable')];
}

/** An object that is being deleted may lose finalizers but not gain any. */
function finalizerFaults(next: JsonObject, live: JsonObject): StatusCause[] {
  const before = mapOf(live['metadata']);
  if (before['deletionTimestamp'] === undefined) return [];
  const added = listOf(mapOf(next['metadata'])['finalizers']).filter(
    (finalizer) => !listOf(before['finalizers']).includes(finalizer),
  );
  if (added.length === 0) return [];
  const found = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  const message = `Forbidden: ${why}`;
  return [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }];
}

function misfit(field: string, value: unknown, why: string): StatusCause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return { reason: 'FieldValueInvalid', message, field };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
