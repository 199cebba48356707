/** Where the JSON of an object does not fit its type: what the server's decoder says before anything else is looked at. */
import { isJsonObject, textOf, type JsonObject } from './api-object.ts';
import { ApiFailure, badRequest, invalid } from './api-failure.ts';
import { ofNoNumber, ofWrongType } from './lease-fields.ts';
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

/** Throws the 500 of an apply whose configuration the merge can't read. */
export function refuseMisfitApply(kind: ResourceKind, configuration: JsonObject): void {
  const why = misfitOfApply(kind, configuration);
  if (why === undefined) return;
  const { name, type } = describeApplied(kind, configuration);
  const typed = kind.group === '' ? `/${type}` : type;
  const message = `failed to create typed patch object (/${name}; ${typed}): ${why}`;
  throw new ApiFailure(500, { message });
}

/** Throws the 500 of an apply whose result the decoder can't read. */
export function refuseIllTypedApply(kind: ResourceKind, object: JsonObject): void {
  const fault = faultOf(kind, object);
  if (fault === undefined) return;
  const { name, type } = describeApplied(kind, object);
  throw new ApiFailure(500, {
    message:
      `failed to convert new object (/${name}; ${type}) to proper version: ` +
      `unable to convert unstructured object to ${type}: ${fault}`,
  });
}

function misfitOfApply(kind: ResourceKind, configuration: JsonObject): string | undefined {
  const misfit = misfitOf(kind, configuration);
  if (misfit === undefined) return kind === LEASES ? ofNoNumber(configuration) : undefined;
  const { path, key, value } = misfit;
  const got = `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  return `.${path}.${key}: expected string, got ${got}`;
}

function describeApplied(
  kind: ResourceKind,
  object: JsonObject,
): { readonly name: string; readonly type: string } {
  const name = textOf(metadataOf(object)['name']);
  return { name, type: `${apiVersionOf(kind)}, Kind=${kind.kind}` };
}

function unhandled(given: string, { kind, version }: ResourceKind, why: string): ApiFailure {
  return badRequest(`${given} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

function faultOf(kind: ResourceKind, object: JsonObject): string | undefined {
  const misfit = misfitOf(kind, object);
  if (misfit === undefined) return kind === LEASES ? ofWrongType(object) : undefined;
  const { path, value } = misfit;
  const field = path === 'data' ? `${kind.kind}.data` : `ObjectMeta.${path}`;
  return `json: cannot unmarshal ${typeof value} into Go struct field ${field} of type string`;
}

interface Misfit {
  readonly path: string;
  readonly key: string;
  readonly value: unknown;
}

/** What is no text in a map of texts. */
function misfitOf(kind: ResourceKind, object: JsonObject): Misfit | undefined {
  const { labels, annotations } = metadataOf(object);
  const maps = {
    'metadata.labels': labels,
    'metadata.annotations': annotations,
    ...(kind === CONFIG_MAPS ? { data: object['data'] } : {}),
  };
  for (const [path, map] of Object.entries(maps)) {
    for (const [key, value] of Object.entries(isJsonObject(map) ? map : {})) {
      if (typeof value !== 'string' && value !== null) return { path, key, value };
    }
  }
  return undefined;
}
