import { describe, expect, it } from '@jest/globals';
import { isElected } from '../../../src/app/election-choice.ts';

const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

describe('leader election', () => {
  it('is on in a cluster, off elsewhere', () => {
    expect(isElected({}, IN_CLUSTER)).toBe(true);
    expect(isElected({}, {})).toBe(false);
    expect(isElected({}, { KUBERNETES_SERVICE_HOST: '' })).toBe(false);
  });

  it('is off if the API server is set explicitly', () => {
    expect(isElected({ kubeconfig: 'file' }, IN_CLUSTER)).toBe(false);
    expect(isElected({ context: 'name' }, IN_CLUSTER)).toBe(false);
  });

  it('follows the flag if it is set', () => {
    expect(isElected({ leaderElect: false }, IN_CLUSTER)).toBe(false);
    expect(isElected({ leaderElect: true, kubeconfig: 'file' }, {})).toBe(true);
  });
});
