/** Field ownership: maintains `managedFields` for updates and server-side apply as kube-apiserver does. */
import {
  isJsonObject,
  renderTime,
  type JsonObject,
  type ManagedFieldsEntry,
} from '../objects/api-object.ts';
import { ApiFailure, type StatusCause } from '../objects/api-failure.ts';
import {
  claimedFields,
  compareFields,
  difference,
  intersection,
  inServerOrder,
  namesOf,
  printField,
  union,
  withoutParents,
  type FieldChanges,
} from './field-set.ts';
import { findOwner, readOwners, renderOwners, without, type Owner } from './field-owners.ts';
import { mergeConfiguration, withoutFields } from './apply-merge.ts';
import { apiVersionOf, type ResourceKind } from '../objects/resource-kinds.ts';

export interface Writer {
  readonly manager: string;
  readonly now: Date;
}

/**
 * The owners after a creation (`live` undefined) or an update. An object without owners, such as a ServiceAccount
 * without content, stays without: the server tracks updates only of objects that it already tracks.
 */
export function ownersAfterUpdate(
  kind: ResourceKind,
  states: { readonly live: JsonObject | undefined; readonly next: JsonObject },
  writer: Writer,
): readonly ManagedFieldsEntry[] {
  const owners = readOwners(states.live);
  if (states.live !== undefined && owners.length === 0) return [];
  if (isReset(states.next)) return [];
  const changes = compareFields(kind, states.live ?? kind.unset, states.next);
  const taken = union(changes.added, changes.modified);
  const mine = findOwner(owners, writer.manager, 'Update');
  const others = owners
    .filter((owner) => owner !== mine)
    .map((owner) => without(owner, taken, changes.removed));
  const isChanged = taken.size + changes.removed.size > 0;
  const time = isChanged ? renderTime(writer.now) : mine?.time;
  const fields = union(difference(mine?.fields ?? new Set(), changes.removed), taken);
  const { manager } = writer;
  const apiVersion = apiVersionOf(kind);
  return renderOwners([...others, { manager, operation: 'Update', apiVersion, fields, time }]);
}

/**
 * The object and its owners after an apply. Throws a 409 `ApiFailure` that names the managers of conflicting fields;
 * with `force`, takes the fields from them instead.
 */
export function applyConfiguration(
  kind: ResourceKind,
  states: { readonly live: JsonObject | undefined; readonly configuration: JsonObject },
  writer: Writer & { readonly force: boolean },
): { readonly object: JsonObject; readonly managedFields: readonly ManagedFieldsEntry[] } {
  const { live, configuration } = states;
  const owners = live === undefined ? [] : trackedOwners(kind, live, writer.now);
  const mine = findOwner(owners, writer.manager, 'Apply');
  const others = owners.filter((owner) => owner !== mine);
  const claimed = claimedFields(kind, configuration);
  const kept = [claimed, ...others.map(({ fields }) => fields)];
  const dropped = withoutParents(difference(mine?.fields ?? new Set(), ...kept), ...kept);
  const merged = mergeConfiguration(kind, live ?? {}, configuration);
  const object = withoutFields(kind, merged, [...dropped].map(namesOf));
  const changes = compareFields(kind, live, object);
  const taken = union(changes.added, changes.modified);
  if (!writer.force) refuseConflicts(others, changes);
  const isChanged = live === undefined || taken.size + changes.removed.size > 0;
  const time = isChanged ? renderTime(writer.now) : mine?.time;
  const managedFields = renderOwners([
    ...others.map((owner) => without(owner, taken, changes.removed)),
    {
      manager: writer.manager,
      operation: 'Apply',
      apiVersion: apiVersionOf(kind),
      fields: claimed,
      time,
    },
  ]);
  return { object, managedFields };
}

/** At the first apply to an object without tracked owners, `before-first-apply` becomes the owner of all its fields. */
function trackedOwners(kind: ResourceKind, live: JsonObject, now: Date): readonly Owner[] {
  const owners = readOwners(live);
  if (owners.length > 0) return owners;
  const fields = compareFields(kind, kind.unset, live).added;
  const [manager, apiVersion] = ['before-first-apply', apiVersionOf(kind)];
  return [{ manager, operation: 'Update', apiVersion, fields, time: renderTime(now) }];
}

function refuseConflicts(others: readonly Owner[], { added, modified }: FieldChanges): void {
  const conflicts = others
    .map((owner) => ({
      owner: printOwner(owner),
      fields: [...intersection(owner.fields, union(added, modified))],
    }))
    .filter(({ fields }) => fields.length > 0)
    .map(({ owner, fields }) => ({ owner, fields: inServerOrder(fields).map(printField) }));
  const causes: StatusCause[] = conflicts.flatMap(({ owner, fields }) =>
    fields.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${owner}`,
      field,
    })),
  );
  const [first] = causes;
  if (first === undefined) return;
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${conflicts.map(printConflicts).join('\n')}`;
  throw new ApiFailure(409, { message, reason: 'Conflict', details: { causes } });
}

function printConflicts({ owner, fields }: { owner: string; fields: readonly string[] }): string {
  return [`conflicts with ${owner}:`, ...fields.map((field) => `- ${field}`)].join('\n');
}

function printOwner({ manager, operation, apiVersion }: Owner): string {
  return operation === 'Apply' ? `"${manager}"` : `"${manager}" using ${apiVersion}`;
}

/** Setting `managedFields` to one empty managedFields entry clears them. */
function isReset(next: JsonObject): boolean {
  const entries = isJsonObject(next['metadata']) ? next['metadata']['managedFields'] : undefined;
  if (!Array.isArray(entries) || entries.length !== 1) return false;
  const [entry]: readonly unknown[] = entries;
  return isJsonObject(entry) && Object.keys(entry).length === 0;
}
