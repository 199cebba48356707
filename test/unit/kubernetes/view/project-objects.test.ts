import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { planNamespace } from '../../../../src/domain/plan/plan.ts';
import {
  projectNamespace,
  projectServiceAccount,
} from '../../../../src/kubernetes/view/project-objects.ts';
import { NOW, SECRET_NAME, aNamespace, someSettings } from '../../../support/values/builders.ts';

const metadata = { name: 'default', namespace: 'team-a', uid: 'uid-1', resourceVersion: '7' };

describe('a namespace', () => {
  it('keeps its labels and our annotations, and nothing else', () => {
    const object = {
      metadata: {
        ...metadata,
        name: 'team-a',
        labels: { tier: 'x' },
        annotations: {
          'ecr-pull-secrets.io/enabled': 'true',
          'ecr-pull-secrets.io/unknown': 'x',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
        managedFields: [{}],
      },
      spec: { finalizers: ['kubernetes'] },
    };

    expect(projectNamespace(object)).toEqual({
      name: 'team-a',
      uid: 'uid-1',
      resourceVersion: '7',
      labels: { tier: 'x' },
      annotations: { 'ecr-pull-secrets.io/enabled': 'true' },
      terminating: false,
    });
  });

  it('is terminating once it has a deletion timestamp', () => {
    const object = { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };

    expect(projectNamespace(object)?.terminating).toBe(true);
  });

  it('may have labels of any name', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y","n":7}') as object;
    const projected = projectNamespace({ metadata: { ...metadata, labels } });

    expect(Object.entries(projected?.labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});

describe('a ServiceAccount', () => {
  it('keeps its list unchanged, including order and references of others', () => {
    const imagePullSecrets = [{ name: 'b' }, {}, { name: 'a', later: 1 }];
    const annotations = { 'ecr-pull-secrets.io/attach': 'false', other: 'x' };
    const object = { metadata: { ...metadata, annotations }, imagePullSecrets, secrets: [] };

    expect(projectServiceAccount(object)).toEqual({
      ...metadata,
      attach: 'false',
      imagePullSecrets,
    });
  });

  it('never makes the plan throw, whatever its list contains', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (imagePullSecrets) => {
        const account = projectServiceAccount({ metadata, imagePullSecrets });
        planNamespace({
          observed: aNamespace({ serviceAccounts: account === undefined ? [] : [account] }),
          settings: someSettings(),
          secretName: SECRET_NAME,
          now: NOW,
          refreshRequestSeenAt: undefined,
          bookkeepingAllowed: true,
        });
      }),
    );
  });
});
