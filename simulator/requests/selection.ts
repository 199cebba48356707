/** Selects the objects of a LIST or WATCH: by namespace, label selector and field selector. */
import { isJsonObject, textOf, type ApiObject } from '../objects/api-object.ts';
import { badRequest } from '../objects/api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

export type Selection = (object: ApiObject) => boolean;

/** Throws a 400 for a selector that can't be parsed, or a field that is not selectable for this kind. */
export function selectionOf(request: ApiRequest): Selection {
  const { kind, namespace, name, isNamedWatch, query } = request;
  const isLabelled = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  for (const { field } of fields) {
    if (!kind.selectableFields.includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
  }
  return (object) =>
    (!isNamedWatch || object.metadata.name === name) &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    isLabelled(object.metadata.labels ?? {}) &&
    fields.every(({ field, isEqual, value }) => (valueOf(object, field) === value) === isEqual);
}

/** With a selector the server does not know how many objects remain for later pages. */
export function isSelective(query: URLSearchParams): boolean {
  return Boolean(query.get('labelSelector')) || Boolean(query.get('fieldSelector'));
}

/** Empty if the field is missing. */
function valueOf(object: ApiObject, field: string): string {
  const path = field === 'source' ? 'source.component' : field;
  let value: unknown = object;
  for (const name of path.split('.')) value = isJsonObject(value) ? value[name] : undefined;
  return textOf(value);
}
