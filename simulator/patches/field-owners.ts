/** The managedFields entries of an object: reads them, changes them and renders them in the server's order. */
import {
  isJsonObject,
  omit,
  type JsonObject,
  type ManagedFieldsEntry,
} from '../objects/api-object.ts';
import { difference, parseFields, renderFields, type FieldSet } from './field-set.ts';

export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fields: FieldSet;
  readonly time: string | undefined;
}

/** Whether two lists are equal apart from their times. */
export function isSameOwnership(
  a: readonly ManagedFieldsEntry[],
  b: readonly ManagedFieldsEntry[],
): boolean {
  const timeless = (entries: readonly ManagedFieldsEntry[]): string =>
    JSON.stringify(entries.map((entry) => omit(entry, 'time')));
  return timeless(a) === timeless(b);
}

export function findOwner(
  owners: readonly Owner[],
  manager: string,
  operation: Owner['operation'],
): Owner | undefined {
  return owners.find((owner) => owner.manager === manager && owner.operation === operation);
}

export function without(owner: Owner, ...sets: readonly FieldSet[]): Owner {
  return { ...owner, fields: difference(owner.fields, ...sets) };
}

export function readOwners(object: JsonObject | undefined): readonly Owner[] {
  const metadata = object?.['metadata'];
  if (!isJsonObject(metadata) || !Array.isArray(metadata['managedFields'])) return [];
  const entries = metadata['managedFields'] as readonly ManagedFieldsEntry[];
  return entries.map(({ manager, operation, apiVersion, fieldsV1, time }) => ({
    manager,
    operation,
    apiVersion,
    fields: parseFields(fieldsV1),
    time,
  }));
}

/** Sorted by operation (Apply first), then by time, then by name; omits managers that own nothing. */
export function renderOwners(owners: readonly Owner[]): readonly ManagedFieldsEntry[] {
  return owners
    .filter(({ fields }) => fields.size > 0)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map(({ manager, operation, apiVersion, fields, time }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: renderFields(fields),
    }));
}

function sortKey({ operation, time, manager }: Owner): string {
  return `${operation} ${time ?? ''} ${manager}`;
}
