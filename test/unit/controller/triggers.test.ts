import { describe, expect, it } from '@jest/globals';
import type { Change } from '../../../src/controller/ports/cluster-view.ts';
import { wakeUpFor } from '../../../src/controller/triggers.ts';

const namespace = 'team-a';

describe('the table of triggers', () => {
  it.each<[Change['resource'], Change['kind'], string]>([
    ['namespaces', 'added', 'new'],
    ['namespaces', 'modified', 'new'],
    ['namespaces', 'deleted', 'new'],
    ['serviceaccounts', 'added', 'new'],
    ['serviceaccounts', 'modified', 'repair'],
    ['serviceaccounts', 'deleted', 'repair'],
    ['secrets', 'added', 'repair'],
    ['secrets', 'modified', 'repair'],
    ['secrets', 'deleted', 'repair'],
  ])('requeues the namespace of %s %s as %s', (resource, kind, priority) => {
    expect(wakeUpFor({ resource, kind, namespace })).toEqual({ namespace, priority });
  });
});
