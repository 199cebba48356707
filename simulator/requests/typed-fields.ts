/** Refuses JSON that does not fit its type. Our own wording: nothing reads the messages of the server's decoder. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { ApiFailure, badRequest, invalid } from '../objects/api-failure.ts';
import { hasTextForNumber, isIllTypedLease } from '../objects/lease-fields.ts';
import { apiVersionOf, CONFIG_MAPS, LEASES, type ResourceKind } from '../objects/resource-kinds.ts';
import { metadataOf } from '../objects/submitted-metadata.ts';

const WHY = 'does not fit its type';

/** Throws the 400 of a creation. */
export function refuseIllTypedCreation(kind: ResourceKind, object: JsonObject): void {
  if (isIllTyped(kind, object)) throw badRequest(`the ${kind.kind} ${WHY}`);
}

/** Throws the 400 for a kind or version that differs from the path's; both may be omitted. */
export function refuseOtherKind(kind: ResourceKind, object: JsonObject): void {
  const { kind: given = kind.kind, apiVersion = apiVersionOf(kind) } = object;
  if (given === kind.kind && apiVersion === apiVersionOf(kind)) return;
  throw badRequest(`the object can't be handled as a ${kind.kind}`);
}

/** Throws the 422 of a patch. Like a real server, puts the whole object, including Secret data, in the message. */
export function refuseIllTypedPatch(kind: ResourceKind, object: JsonObject): void {
  if (!isIllTyped(kind, object)) return;
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${WHY}`;
  throw invalid('', '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
}

/** Throws the 500 of an apply whose configuration the merge can't read. */
export function refuseMisfitApply(kind: ResourceKind, configuration: JsonObject): void {
  const isMisfit = kind === LEASES && hasTextForNumber(configuration);
  if (isMisfit || hasNoText(kind, configuration)) throw illTypedApply(kind);
}

/** Throws the 500 of an apply whose result the decoder can't read. */
export function refuseIllTypedApply(kind: ResourceKind, object: JsonObject): void {
  if (isIllTyped(kind, object)) throw illTypedApply(kind);
}

function illTypedApply(kind: ResourceKind): ApiFailure {
  return new ApiFailure(500, { message: `the ${kind.kind} ${WHY}` });
}

function isIllTyped(kind: ResourceKind, object: JsonObject): boolean {
  return hasNoText(kind, object) || (kind === LEASES && isIllTypedLease(object));
}

/** Whether a map of strings contains a value that is not a string. */
function hasNoText(kind: ResourceKind, object: JsonObject): boolean {
  const { labels, annotations } = metadataOf(object);
  const maps = [labels, annotations, ...(kind === CONFIG_MAPS ? [object['data']] : [])];
  return maps
    .flatMap((map) => (isJsonObject(map) ? Object.values(map) : []))
    .some((value) => typeof value !== 'string' && value !== null);
}
