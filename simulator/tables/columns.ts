/** What `kubectl get` shows for each kind: the columns of a real server and their cells. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { renderAge } from './human-age.ts';
import { podReadiness, podRestarts, podStatus } from './pod-cells.ts';

export interface Column {
  readonly name: string;
  /** `name` for the column of names. */
  readonly format: string;
  /** 1: only shown with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: JsonObject, now: Date) => string | number;
}

const NAME = column('Name', (object) => textAt(object, 'metadata', 'name'), 'name');
const AGE = column('Age', (object, now) =>
  renderAge(at(object, 'metadata', 'creationTimestamp'), now),
);
const NONE = '<none>';

/** By the plural name of the resource. */
export const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [NAME, column('Status', (object) => textAt(object, 'status', 'phase')), AGE],
  serviceaccounts: [NAME, AGE],
  secrets: [
    NAME,
    column('Type', (object) => textAt(object, 'type')),
    column('Data', (object) => sizeAt(object, 'data')),
    AGE,
  ],
  configmaps: [
    NAME,
    column('Data', (object) => sizeAt(object, 'data') + sizeAt(object, 'binaryData')),
    AGE,
  ],
  leases: [NAME, column('Holder', (object) => textAt(object, 'spec', 'holderIdentity')), AGE],
  pods: [
    NAME,
    column('Ready', podReadiness),
    column('Status', podStatus),
    column('Restarts', podRestarts),
    AGE,
    wide('IP', (object) => textAt(object, 'status', 'podIP') || NONE),
    wide('Node', (object) => textAt(object, 'spec', 'nodeName') || NONE),
    wide('Nominated Node', (object) => textAt(object, 'status', 'nominatedNodeName') || NONE),
    wide('Readiness Gates', () => NONE),
  ],
  events: [
    column('Last Seen', lastSeen),
    column('Type', (object) => textAt(object, 'type')),
    column('Reason', (object) => textAt(object, 'reason')),
    column('Object', eventTarget),
    wide('Subobject', (object) => textAt(object, 'involvedObject', 'fieldPath')),
    wide('Source', eventSource),
    column('Message', (object) => textAt(object, 'message').trim()),
    wide('First Seen', firstSeen),
    wide('Count', (object) => Number(at(object, 'series', 'count') ?? object['count'] ?? 1)),
    { ...NAME, priority: 1 },
  ],
};

function column(name: string, cell: Column['cell'], format = ''): Column {
  return { name, format, priority: 0, cell };
}

function wide(name: string, cell: Column['cell']): Column {
  return { name, format: '', priority: 1, cell };
}

function firstSeen(event: JsonObject, now: Date): string {
  return renderAge(event['firstTimestamp'] ?? event['eventTime'], now);
}

function lastSeen(event: JsonObject, now: Date): string {
  const last = at(event, 'series', 'lastObservedTime') ?? event['lastTimestamp'];
  return typeof last === 'string' ? renderAge(last, now) : firstSeen(event, now);
}

function eventTarget(event: JsonObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const name = textAt(event, 'involvedObject', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function eventSource(event: JsonObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
}

function at(object: JsonObject, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isJsonObject(value) ? value[key] : undefined),
    object,
  );
}

function textAt(object: JsonObject, ...path: readonly string[]): string {
  const value = at(object, ...path);
  return typeof value === 'string' ? value : '';
}

function sizeAt(object: JsonObject, field: string): number {
  const value = object[field];
  return isJsonObject(value) ? Object.keys(value).length : 0;
}
