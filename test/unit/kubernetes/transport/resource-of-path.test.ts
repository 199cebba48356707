import { describe, expect, it } from '@jest/globals';
import { resourceOfPath } from '../../../../src/kubernetes/transport/resource-of-path.ts';

describe('resourceOfPath', () => {
  it.each([
    ['/api/v1/namespaces', 'namespaces'],
    ['/api/v1/namespaces/team-a', 'namespaces'],
    ['/api/v1/namespaces/team-a/finalize', 'namespaces'],
    ['/api/v1/namespaces/team-a/secrets/ecr-pull-secret', 'secrets'],
    ['/api/v1/secrets', 'secrets'],
    ['/apis/coordination.k8s.io/v1/namespaces/n/leases/l', 'leases'],
    [
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
      'validatingadmissionpolicies',
    ],
    ['/api/v1', 'discovery'],
    ['/version', 'version'],
    ['/', 'root'],
  ])('names the resource of %s: %s', (path, resource) => {
    expect(resourceOfPath(path)).toBe(resource);
  });
});
