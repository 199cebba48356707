import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Instance, instanceOf } from '../../../../src/domain/contract.ts';
import { projectPullSecret } from '../../../../src/kubernetes/view/project-pull-secret.ts';
import { renderTokenRecords } from '../../../../src/domain/state/token-record.ts';
import { INSTANCE, aTokenRecord } from '../../../support/values/builders.ts';

const key = (name: string): string => `ecr-pull-secrets.io/${name}`;
const described = ['expires-at', 'registries', 'tokens', 'config-hash'];

/** A managedFields entry as a real API server writes it. */
function entry(
  manager: string,
  fields: { data?: readonly string[]; annotations?: readonly string[]; more?: object },
  operation = 'Apply',
): object {
  const { data = [], annotations = [], more = {} } = fields;
  const owned = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
  return {
    manager,
    operation,
    apiVersion: 'v1',
    time: '2026-01-01T11:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      ...(data.length === 0 ? {} : { 'f:data': owned(data) }),
      'f:metadata': { 'f:annotations': owned(annotations) },
      ...more,
    },
  };
}

const ourEntry = entry('ecr-pull-secrets', {
  data: ['.dockerconfigjson'],
  annotations: described.map(key),
});

function secret(change: object = {}): object {
  return {
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadata',
    metadata: {
      name: 'ecr-pull-secret',
      namespace: 'team-a',
      uid: 'uid-1',
      resourceVersion: '42',
      labels: {
        'app.kubernetes.io/managed-by': 'ecr-pull-secrets',
        'app.kubernetes.io/instance': 'default',
      },
      annotations: {
        [key('expires-at')]: '2026-01-01T23:00:00.000Z',
        [key('registries')]: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
        [key('tokens')]: renderTokenRecords([aTokenRecord()]),
        [key('config-hash')]: 'c0ffee',
      },
      managedFields: [ourEntry],
      ...change,
    },
  };
}

function project(change: object = {}, instance: Instance = INSTANCE) {
  const record = projectPullSecret(secret(change), instance);
  if (record === undefined) throw new Error('not projected');
  return record;
}

const labels = (managedBy: string | undefined, instance: string | undefined) => ({
  labels: {
    ...(managedBy === undefined ? {} : { 'app.kubernetes.io/managed-by': managedBy }),
    ...(instance === undefined ? {} : { 'app.kubernetes.io/instance': instance }),
  },
});

describe('our own Secret', () => {
  it('is whole as we have applied it', () => {
    expect(project()).toEqual({
      namespace: 'team-a',
      name: 'ecr-pull-secret',
      uid: 'uid-1',
      resourceVersion: '42',
      appliedByUs: true,
      labelledOurs: true,
      labelsWhole: true,
      tamperedWith: [],
      foreignDataKeys: [],
      immutableSet: false,
      tokens: [aTokenRecord()],
      tokensOurs: true,
      dataOurs: true,
      configHash: 'c0ffee',
      refreshRequestedAt: undefined,
      removalDueAt: undefined,
      terminating: false,
    });
  });

  it('shows a change by somebody else through what our Apply entry has lost', () => {
    const changedData = project({
      managedFields: [
        entry('ecr-pull-secrets', { annotations: described.map(key) }),
        entry('kubectl-edit', { data: ['.dockerconfigjson'] }, 'Update'),
      ],
    });
    const forgedTokens = project({
      managedFields: [
        entry('ecr-pull-secrets', {
          data: ['.dockerconfigjson'],
          annotations: ['expires-at', 'registries', 'config-hash'].map(key),
        }),
        entry('kubectl-annotate', { annotations: [key('tokens')] }, 'Update'),
      ],
    });

    expect(changedData).toMatchObject({
      tamperedWith: ['data'],
      dataOurs: false,
      tokensOurs: true,
    });
    expect(forgedTokens).toMatchObject({
      tamperedWith: [key('tokens')],
      dataOurs: true,
      tokensOurs: false,
    });
  });

  it.each(described)('misses its annotation %s', (name) => {
    const { annotations } = (secret() as { metadata: { annotations: Record<string, string> } })
      .metadata;
    const rest = Object.fromEntries(Object.entries(annotations).filter(([k]) => k !== key(name)));

    expect(project({ annotations: rest }).tamperedWith).toEqual([key(name)]);
  });

  it('notices a request on it that we did not write', () => {
    const { annotations } = (secret() as { metadata: { annotations: object } }).metadata;
    const requested = { ...annotations, [key('refresh-requested-at')]: 'forged' };

    expect(project({ annotations: requested })).toMatchObject({
      tamperedWith: [key('refresh-requested-at')],
      refreshRequestedAt: 'forged',
    });
  });

  it('ignores who stamped it for removal', () => {
    const { annotations } = (secret() as { metadata: { annotations: object } }).metadata;
    const stamped = { ...annotations, [key('removal-due-at')]: '2026-01-01T12:00:00.000Z' };

    expect(project({ annotations: stamped })).toMatchObject({
      tamperedWith: [],
      removalDueAt: '2026-01-01T12:00:00.000Z',
    });
  });

  it('lists data keys that somebody has added, once each', () => {
    const record = project({
      managedFields: [
        ourEntry,
        entry('a', { data: ['extra', '.dockerconfigjson'] }, 'Update'),
        entry('b', { data: ['extra'] }, 'Update'),
      ],
    });

    expect(record.foreignDataKeys).toEqual(['extra']);
  });

  it('reports that somebody has set the field immutable', () => {
    const managedFields = [ourEntry, entry('kubectl', { more: { 'f:immutable': {} } }, 'Update')];

    expect(project({ managedFields }).immutableSet).toBe(true);
  });

  it('reports that it is being deleted', () => {
    expect(project({ deletionTimestamp: '2026-01-01T12:00:00Z' }).terminating).toBe(true);
  });
});

describe('the owner of a Secret', () => {
  const blue = instanceOf('blue', 'ecr-pull-secret');

  it.each([
    ['our manager with an Update', [entry('ecr-pull-secrets', {}, 'Update')]],
    ['our manager on a subresource', [{ ...ourEntry, subresource: 'status' }]],
    ['another manager', [entry('kubectl', { data: ['.dockerconfigjson'] })]],
    ['another instance', [entry('ecr-pull-secrets-blue', { data: ['.dockerconfigjson'] })]],
    ['nobody', []],
    ['nonsense', [null, 'x', 7, {}, { manager: 'ecr-pull-secrets' }]],
    ['no list', 'x'],
  ])('is not us, given a managedFields entry of %s', (_, managedFields) => {
    expect(project({ managedFields }).appliedByUs).toBe(false);
  });

  it.each([
    ['our label and instance', labels('ecr-pull-secrets', 'default'), INSTANCE, true, true],
    ['our label without an instance', labels('ecr-pull-secrets', undefined), INSTANCE, true, false],
    ['our label and another instance', labels('ecr-pull-secrets', 'blue'), INSTANCE, false, false],
    ['somebody else’s label', labels('Helm', 'default'), INSTANCE, false, false],
    ['no label', labels(undefined, 'default'), INSTANCE, false, false],
    ['seen by the instance that it names', labels('ecr-pull-secrets', 'blue'), blue, true, true],
    [
      'our label without an instance, seen by another',
      labels('ecr-pull-secrets', undefined),
      blue,
      false,
      false,
    ],
  ])('is determined by its labels: %s', (_, change, instance, labelledOurs, labelsWhole) => {
    expect(project(change, instance)).toMatchObject({ labelledOurs, labelsWhole });
  });

  it.each([
    [labels('ecr-pull-secrets', 'blue'), INSTANCE, 'blue'],
    [labels('ecr-pull-secrets', undefined), blue, 'default'],
    [labels('ecr-pull-secrets', 'blue'), blue, undefined],
    [labels('Helm', 'blue'), INSTANCE, undefined],
  ])('is the other instance if the labels name one', (change, instance, otherInstance) => {
    expect(project(change, instance).otherInstance).toBe(otherInstance);
  });

  it('is distinguished by instance in the Apply entry too', () => {
    const managedFields = [entry('ecr-pull-secrets-blue', {})];

    expect(project({ managedFields }, blue).appliedByUs).toBe(true);
    expect(project({}, blue).appliedByUs).toBe(false);
  });
});

describe('an object that is not a Secret', () => {
  it.each([undefined, null, 7, 'x', [], {}, { metadata: null }, { metadata: { name: 'x' } }])(
    'is left out: %j',
    (object) => {
      expect(projectPullSecret(object, INSTANCE)).toBeUndefined();
    },
  );

  it('never throws, whatever the metadata contains', () => {
    const nonsense = fc.dictionary(
      fc.constantFrom('labels', 'annotations', 'managedFields', 'deletionTimestamp', 'namespace'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(nonsense, (change) => {
        projectPullSecret(secret(change), INSTANCE);
      }),
    );
  });
});
