import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../../simulator/objects/api-object.ts';
import { EVENTS, RESOURCE_KINDS, SECRETS } from '../../../../simulator/objects/resource-kinds.ts';
import { COLUMNS } from '../../../../simulator/tables/columns.ts';
import { readRowObject, renderTable } from '../../../../simulator/tables/table.ts';

const now = new Date('2026-01-01T01:00:00Z');
const metadata = { name: 'pull', resourceVersion: '7', creationTimestamp: '2026-01-01T00:59:00Z' };
const secret = { metadata, type: 'Opaque', data: { a: 'YQ==', b: 'Yg==' } };
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const cellsOf = (resource: string, object: JsonObject) =>
  COLUMNS[resource]?.map(({ cell }) => cell(object, now));

describe('renderTable', () => {
  const view = { rowObject: 'Metadata', now, withColumns: true } as const;

  it('makes one row from an object, with its metadata', () => {
    expect(renderTable(SECRETS, secret, view)).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7' },
      columnDefinitions: ['Name', 'Type', 'Data', 'Age'].map((name) => ({
        name,
        type: 'string',
        format: name === 'Name' ? 'name' : '',
        description: '',
        priority: 0,
      })),
      rows: [
        {
          cells: ['pull', 'Opaque', 2, '60s'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
        },
      ],
    });
  });

  it('makes a row for each object in a list, and keeps the metadata of the list', () => {
    const list = { metadata: { resourceVersion: '9', continue: 'x' }, items: [secret, secret] };

    expect(renderTable(SECRETS, list, { ...view, withColumns: false })).toMatchObject({
      metadata: { resourceVersion: '9', continue: 'x' },
      columnDefinitions: null,
      rows: [{ cells: ['pull', 'Opaque', 2, '60s'] }, {}],
    });
  });

  it('includes whole objects or none on request', () => {
    const whole = renderTable(SECRETS, secret, { ...view, rowObject: 'Object' });
    const none = renderTable(SECRETS, secret, { ...view, rowObject: 'None' });

    expect(whole).toMatchObject({
      rows: [{ object: { kind: 'Secret', apiVersion: 'v1', ...secret } }],
    });
    expect(none).toMatchObject({ rows: [{ object: null }] });
  });

  it('has a table for every kind that can be read', () => {
    const read = RESOURCE_KINDS.filter(({ verbs }) => verbs.includes('list'));

    expect(read.filter(({ resource }) => COLUMNS[resource] === undefined)).toEqual([]);
  });

  it('shows Events by the times that they have', () => {
    const about = { kind: 'Namespace', name: 'team-a' };
    const old = {
      metadata,
      involvedObject: about,
      firstTimestamp: '2026-01-01T00:30:00Z',
      lastTimestamp: '2026-01-01T00:40:00Z',
      count: 3,
      source: { component: 'ecr', host: 'pod-1' },
      type: 'Normal',
      reason: 'Refreshed',
      message: ' done ',
    };
    const single = {
      metadata,
      involvedObject: { ...about, kind: 'Pod', fieldPath: 'spec.containers{c}' },
      eventTime: '2026-01-01T00:50:00.000000Z',
      reportingComponent: 'ecr',
    };
    const series = {
      ...single,
      series: { count: 5, lastObservedTime: '2026-01-01T00:59:30.000000Z' },
    };

    expect(cellsOf(EVENTS.resource, old)).toEqual([
      '20m',
      'Normal',
      'Refreshed',
      'namespace/team-a',
      '',
      'ecr, pod-1',
      'done',
      '30m',
      3,
      'pull',
    ]);
    expect(cellsOf(EVENTS.resource, single)?.slice(0, 6)).toEqual([
      '10m',
      '',
      '',
      'pod/team-a',
      'spec.containers{c}',
      'ecr',
    ]);
    expect(cellsOf(EVENTS.resource, series)?.filter((_, n) => n === 0 || n === 8)).toEqual([
      '30s',
      5,
    ]);
  });

  it('shows what a Pod is waiting for', () => {
    const pod = {
      metadata,
      spec: { containers: [{}, {}] },
      status: {
        phase: 'Pending',
        containerStatuses: [
          { ready: true, restartCount: 2, state: { running: {} } },
          { ready: false, restartCount: 1, state: { waiting: { reason: 'ErrImagePull' } } },
        ],
      },
    };
    const waiting = { metadata, spec: { containers: [{}] }, status: { phase: 'Pending' } };

    expect(cellsOf('pods', pod)?.slice(0, 4)).toEqual(['pull', '1/2', 'ErrImagePull', '3']);
    expect(cellsOf('pods', waiting)?.slice(0, 4)).toEqual(['pull', '0/1', 'Pending', '0']);
  });
});

describe('readRowObject', () => {
  const query = (text: string): URLSearchParams => new URLSearchParams(text);

  it('finds a table in what the client prefers', () => {
    expect(readRowObject(`${TABLE},application/json`, query(''))).toBe('Metadata');
    expect(readRowObject(TABLE, query('includeObject=None'))).toBe('None');
    expect(readRowObject(`application/json,${TABLE}`, query(''))).toBeUndefined();
    expect(readRowObject('', query(''))).toBeUndefined();
    expect(readRowObject(`application/json;as=Table, ${TABLE}`, query(''))).toBe('Metadata');
    expect(readRowObject('application/json; g=meta.k8s.io; v=v1; as=Table', query(''))).toBe(
      'Metadata',
    );
  });

  it('refuses tables of another version, and an object form that does not exist', () => {
    const old = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';

    expect(() => readRowObject(old, query(''))).toThrow('media types');
    expect(() => readRowObject(TABLE, query('includeObject=foo'))).toThrow(
      `includeObject: Invalid value: "foo": must be 'Metadata', 'Object', 'None', or empty`,
    );
  });
});
