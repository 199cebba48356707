/** Reads from an object that a client sent the metadata that the server's decisions depend on. */
import { isJsonObject, type JsonObject } from './api-object.ts';
import { badRequest } from './api-failure.ts';

export interface SubmittedMetadata {
  readonly name: string | undefined;
  readonly generateName: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  /** `undefined` for an empty one too, as on a real server. */
  readonly resourceVersion: string | undefined;
}

/** Throws a 400 if one of them is not a string. */
export function readMetadata(object: JsonObject): SubmittedMetadata {
  const metadata = metadataOf(object);
  const text = (field: keyof SubmittedMetadata): string | undefined => {
    const value = metadata[field];
    if (value === undefined || value === null || typeof value === 'string') {
      return value ?? undefined;
    }
    throw badRequest(
      `json: cannot unmarshal into Go struct field ObjectMeta.metadata.${field} of type string`,
    );
  };
  return {
    name: text('name'),
    generateName: text('generateName'),
    namespace: text('namespace'),
    uid: text('uid'),
    resourceVersion: text('resourceVersion') || undefined,
  };
}

export function metadataOf(object: JsonObject): JsonObject {
  return isJsonObject(object['metadata']) ? object['metadata'] : {};
}
