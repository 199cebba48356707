import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseNamespaceAnnotations } from '../../../../src/domain/state/annotations.ts';
import { projectPullSecret } from '../../../../src/kubernetes/view/project-pull-secret.ts';
import { planNamespace } from '../../../../src/domain/plan/plan.ts';
import {
  projectNamespace,
  projectServiceAccount,
} from '../../../../src/kubernetes/view/project-objects.ts';
import {
  INSTANCE,
  NOW,
  SECRET_NAME,
  aNamespace,
  someSettings,
} from '../../../support/values/builders.ts';
import { retainedBytes } from '../../../support/suite/retained-bytes.ts';

const metadata = { name: 'default', namespace: 'team-a', uid: 'uid-1', resourceVersion: '7' };

describe('a namespace', () => {
  it('keeps its labels and what our annotations ask for, and nothing else', () => {
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
      request: parseNamespaceAnnotations({ 'ecr-pull-secrets.io/enabled': 'true' }),
      terminating: false,
    });
  });

  it('is terminating once it has a deletion timestamp', () => {
    const object = { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };

    expect(projectNamespace(object)?.terminating).toBe(true);
  });

  it('is too large to be read with more than 16 KiB of labels', () => {
    const labels = (length: number) => ({
      metadata: { ...metadata, labels: { a: 'x'.repeat(length) } },
    });

    expect(projectNamespace(labels(16 * 1024 - 1))).not.toHaveProperty('tooLarge');
    expect(projectNamespace(labels(16 * 1024))).toMatchObject({ tooLarge: true, labels: {} });
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
  const project = (imagePullSecrets: unknown) =>
    projectServiceAccount({ metadata, imagePullSecrets }, SECRET_NAME);

  it('keeps its list unchanged, including order and references of others', () => {
    const imagePullSecrets = [{ name: 'b' }, {}, { name: SECRET_NAME, later: 'x' }];
    const annotations = { 'ecr-pull-secrets.io/attach': 'false', other: 'x' };
    const object = { metadata: { ...metadata, annotations }, imagePullSecrets, secrets: [] };

    expect(projectServiceAccount(object, SECRET_NAME)).toEqual({
      ...metadata,
      attach: { kind: 'valid', value: false },
      references: 1,
      imagePullSecrets,
    });
  });

  it('counts our references in a list that is too long to keep', () => {
    const others = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `s-${n}` }));
    const ours = { name: SECRET_NAME };
    const long = { references: 2, imagePullSecrets: undefined };

    expect(project(others(16))?.imagePullSecrets).toHaveLength(16);
    expect(project([ours, ...others(15), ours])).toMatchObject(long);
    expect(project([ours, { name: 'x'.repeat(254) }, ours])).toMatchObject(long);
    expect(project([ours, { name: 'x', later: {} }, ours])).toMatchObject(long);
  });

  it('never makes the plan throw, whatever its list contains', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (imagePullSecrets) => {
        const account = project(imagePullSecrets);
        planNamespace({
          observed: aNamespace({ serviceAccounts: account === undefined ? [] : [account] }),
          settings: someSettings(),
          secretName: SECRET_NAME,
          now: NOW,
          refreshRequestSeenAt: undefined,
          removalSeen: undefined,
          isContested: () => false,
          bookkeepingAllowed: true,
        });
      }),
    );
  });
});

describe('a record', () => {
  const LARGE = 256 * 1024;
  const objects = 100;

  /** Each object is parsed, as when it arrives: its texts are then no constants of this file. */
  function retainedBy(project: (object: unknown) => unknown, object: object): number {
    const text = JSON.stringify(object);
    const records = Array.from({ length: objects });
    return retainedBytes(() => records.map(() => project(JSON.parse(text))));
  }

  it.each(['enabled', 'profiles', 'service-accounts', 'refresh-requested-at'])(
    'of a namespace is small whatever its annotation %s says',
    (name) => {
      for (const text of ['x'.repeat(LARGE), 'x'.repeat(64).padEnd(LARGE, 'é')]) {
        const annotations = { [`ecr-pull-secrets.io/${name}`]: text, other: text };
        const object = { metadata: { ...metadata, annotations } };

        expect(retainedBy(projectNamespace, object)).toBeLessThan(objects * 10_000);
      }
    },
  );

  it('of a namespace is small with a list of the most names', () => {
    const names = Array.from({ length: 1024 }, (_, n) => `account-${n}`).join();
    const annotations = { 'ecr-pull-secrets.io/service-accounts': names };

    expect(retainedBy(projectNamespace, { metadata: { ...metadata, annotations } })).toBeLessThan(
      objects * 150_000,
    );
  });

  it('of a ServiceAccount is small whatever it holds', () => {
    const annotations = { 'ecr-pull-secrets.io/attach': 'x'.repeat(LARGE) };
    const project = (object: unknown) => projectServiceAccount(object, SECRET_NAME);
    for (const entry of [{}, { name: 'x' }, { name: SECRET_NAME }, { name: 'x'.repeat(LARGE) }]) {
      const imagePullSecrets = Array.from({ length: 'name' in entry ? 50 : 50_000 }, () => entry);
      const object = { metadata: { ...metadata, annotations }, imagePullSecrets };

      expect(retainedBy(project, object)).toBeLessThan(objects * 10_000);
    }
  });

  it('of a Secret is small whatever its annotations say', () => {
    const project = (object: unknown) => projectPullSecret(object, INSTANCE);
    const keys = [
      'expires-at',
      'registries',
      'tokens',
      'config-hash',
      'refresh-requested-at',
      'removal-due-at',
    ];
    for (const key of keys) {
      const annotations = { [`ecr-pull-secrets.io/${key}`]: 'x'.repeat(LARGE) };

      expect(retainedBy(project, { metadata: { ...metadata, annotations } })).toBeLessThan(
        objects * 30_000,
      );
    }
  });
});
