/** Bodies of writes, parsed and checked as far as a real server checks them before it looks at the object. */
import { isJsonObject, type JsonObject } from './api-object.ts';
import { badRequest, invalid } from './api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { apiVersionOf } from './resource-kinds.ts';
import { metadataOf, readMetadata } from './submitted-metadata.ts';

/** Throws a 400 for what is no JSON object. */
export function parseBody({ body, kind }: ApiRequest): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Falls through: the answer is the same.
  }
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): json parse error`,
  );
}

/** The configuration of an apply. Real servers take YAML too; ours only the JSON that we send. */
export function readConfiguration(request: ApiRequest): JsonObject {
  if (!request.query.has('fieldManager')) {
    const cause = {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
    };
    throw invalid('PatchOptions', '', [{ ...cause, field: 'fieldManager' }], 'meta.k8s.io');
  }
  const configuration = parseBody(request);
  if (metadataOf(configuration)['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const { apiVersion, kind } = configuration;
  if (apiVersion !== apiVersionOf(request.kind) || kind !== request.kind.kind) {
    throw badRequest('invalid object type');
  }
  const { name = request.name, namespace } = readMetadata(configuration);
  refuseOtherNamespace(request, namespace);
  if (name !== request.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${request.name ?? ''})`,
    );
  }
  return configuration;
}

/** A real server answers an ill-typed merge patch with the whole object, Secret data included, in its message. */
export function refuseIllTyped(object: JsonObject): void {
  const { labels, annotations } = metadataOf(object);
  for (const [field, map] of Object.entries({ labels, annotations })) {
    const values = isJsonObject(map) ? Object.values(map) : [];
    const wrong = values.find((value) => typeof value !== 'string');
    if (wrong === undefined) continue;
    const why = `json: cannot unmarshal ${typeof wrong} into Go struct field ObjectMeta.metadata.${field} of type string`;
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${why}`;
    throw invalid('', '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
  }
}

/** An object may leave its namespace out, but not name another than the path. */
export function refuseOtherNamespace(request: ApiRequest, namespace: string | undefined): void {
  if (namespace === undefined || namespace === request.namespace) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}
