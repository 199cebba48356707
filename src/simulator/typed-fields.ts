/** Where the JSON of an object does not fit its type: what the server's decoder says before anything else is looked at. */
import { isJsonObject, textOf, type JsonObject } from './api-object.ts';
import { ApiFailure, badRequest, invalid } from './api-failure.ts';
import { ofWrongType } from './lease-fields.ts';
import {
  apiVersionOf,
  CONFIG_MAPS,
  internalPackageOf,
  LEASES,
  RESOURCE_KINDS,
  type ResourceKind,
} from './resource-kinds.ts';
import { metadataOf } from './submitted-metadata.ts';

/** Throws the 400 of a creation. */
export function refuseIllTypedCreation(kind: ResourceKind, object: JsonObject): void {
  const fault = faultOf(kind, object);
  if (fault !== undefined) throw unhandled(kind.kind, kind, fault);
}

/** Throws the 400 for a kind or version that is not the one of the path; both may be left out. */
export function refuseOtherKind(kind: ResourceKind, object: JsonObject): void {
  const { kind: given = kind.kind, apiVersion = apiVersionOf(kind) } = object;
  if (given === kind.kind && apiVersion === apiVersionOf(kind)) return;
  const other = RESOURCE_KINDS.find(
    (one) => one.kind === given && apiVersionOf(one) === apiVersion,
  );
  const version = textOf(apiVersion);
  const why =
    other === undefined
      ? `no kind "${textOf(given)}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`
      : `converting (${other.version}.${other.kind}) to (${internalPackageOf(kind)}.${kind.kind}): unknown conversion`;
  throw unhandled(textOf(given), { ...kind, version: version.split('/').at(-1) ?? '' }, why);
}

/** Throws the 422 of a patch: a real server puts the whole object, Secret data included, in its message. */
export function refuseIllTypedPatch(kind: ResourceKind, object: JsonObject): void {
  const fault = faultOf(kind, object);
  if (fault === undefined) return;
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${fault}`;
  throw invalid('', '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
}

/** Throws the 500 of an apply. */
export function refuseIllTypedApply(kind: ResourceKind, object: JsonObject): void {
  const fault = faultOf(kind, object);
  if (fault === undefined) return;
  const type = `${apiVersionOf(kind)}, Kind=${kind.kind}`;
  const name = textOf(metadataOf(object)['name'] ?? '');
  throw new ApiFailure(500, {
    message:
      `failed to convert new object (/${name}; ${type}) to proper version: ` +
      `unable to convert unstructured object to ${type}: ${fault}`,
  });
}

function unhandled(given: string, { kind, version }: ResourceKind, why: string): ApiFailure {
  return badRequest(`${given} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

function faultOf(kind: ResourceKind, object: JsonObject): string | undefined {
  const { labels, annotations } = metadataOf(object);
  const maps = {
    'ObjectMeta.metadata.labels': labels,
    'ObjectMeta.metadata.annotations': annotations,
    ...(kind === CONFIG_MAPS ? { 'ConfigMap.data': object['data'] } : {}),
  };
  for (const [field, map] of Object.entries(maps)) {
    const values = isJsonObject(map) ? Object.values(map) : [];
    const wrong = values.find((value) => typeof value !== 'string' && value !== null);
    if (wrong === undefined) continue;
    return `json: cannot unmarshal ${typeof wrong} into Go struct field ${field} of type string`;
  }
  return kind === LEASES ? ofWrongType(object) : undefined;
}
