/** Renders tables: clients that print, such as `kubectl get`, ask for them instead of objects (`as=Table`). */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { ApiFailure, badRequest } from '../objects/api-failure.ts';
import { apiVersionOf, type ResourceKind } from '../objects/resource-kinds.ts';
import { COLUMNS } from './columns.ts';

/** How much of each object comes with its row. */
export type RowObject = 'Metadata' | 'Object' | 'None';

export interface TableView {
  readonly rowObject: RowObject;
  readonly now: Date;
  /** A watch sends the columns once. */
  readonly withColumns: boolean;
}

/** `undefined` if the first supported form that the client accepts is not a table. Throws a 400 or a 406. */
export function readRowObject(accept: string, query: URLSearchParams): RowObject | undefined {
  for (const form of accept.split(',')) {
    const parameters = form.split(';').map((parameter) => parameter.trim());
    if (!parameters.includes('as=Table')) return undefined;
    if (parameters.includes('v=v1') && parameters.includes('g=meta.k8s.io')) {
      return rowObjectOf(query);
    }
  }
  const message = 'only the following media types are accepted: application/json';
  throw new ApiFailure(406, { message, reason: 'NotAcceptable' });
}

function rowObjectOf(query: URLSearchParams): RowObject {
  const asked = query.get('includeObject') || 'Metadata';
  if (asked === 'Metadata' || asked === 'Object' || asked === 'None') return asked;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: ` +
      `must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** `content`: an object or a list, as it would be sent without a table. */
export function renderTable(
  kind: ResourceKind,
  content: JsonObject,
  view: TableView,
): Record<string, unknown> {
  const { items } = content;
  const objects = Array.isArray(items) ? items.filter(isJsonObject) : [content];
  const metadata = isJsonObject(content['metadata']) ? content['metadata'] : {};
  const { resourceVersion } = metadata;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: Array.isArray(items) ? metadata : { resourceVersion },
    columnDefinitions: view.withColumns ? columnsOf(kind).map(definitionOf) : null,
    rows: objects.map((object) => ({
      cells: columnsOf(kind).map(({ cell }) => cell(object, view.now)),
      object: renderRowObject(kind, object, view.rowObject),
    })),
  };
}

function columnsOf({ resource }: ResourceKind) {
  const columns = COLUMNS[resource];
  if (columns === undefined) throw new Error(`the simulator has no table of ${resource}`);
  return columns;
}

/** Leaves out a real server's descriptions: nothing prints them. */
function definitionOf({ name, format, priority }: ReturnType<typeof columnsOf>[number]) {
  return { name, type: 'string', format, description: '', priority };
}

function renderRowObject(kind: ResourceKind, object: JsonObject, form: RowObject) {
  if (form === 'None') return null;
  if (form === 'Object') return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...object };
  const { metadata } = object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
