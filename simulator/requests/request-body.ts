/** Parses the bodies of writes, with the checks that a real server makes before it validates the object. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { badRequest, invalid } from '../objects/api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { apiVersionOf } from '../objects/resource-kinds.ts';
import { metadataOf, readMetadata } from '../objects/submitted-metadata.ts';
import { refuseIllTypedCreation, refuseOtherKind } from './typed-fields.ts';

/** Throws a 400 if the body is not a JSON object. */
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

/** The object to create. Throws a 400 if its kind differs from the path's, or if it does not fit its type. */
export function parseSubmitted(request: ApiRequest): JsonObject {
  const object = parseBody(request);
  refuseOtherKind(request.kind, object);
  refuseIllTypedCreation(request.kind, object);
  return object;
}

/** The configuration of an apply. Real servers accept YAML too; the simulator only the JSON that we send. */
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

/** An object may omit its namespace, but not name a different one than the path. */
export function refuseOtherNamespace(request: ApiRequest, namespace: string | undefined): void {
  if (namespace === undefined || namespace === request.namespace) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}
