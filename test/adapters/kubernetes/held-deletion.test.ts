import { describe, expect, it } from '@jest/globals';
import { PullSecretWriter } from '../../../src/kubernetes/pull-secret-writer.ts';
import type { ApiRequest } from '../../../src/kubernetes/transport.ts';
import type { PullSecretRecord } from '../../../src/domain/observed.ts';
import { INSTANCE, aPullSecret } from '../../support/builders.ts';
import { RecordedMeasurements } from '../../support/recorded-measurements.ts';

/** What a real API server answers when somebody has put a finalizer on the Secret. */
const HELD = {
  kind: 'PartialObjectMetadata',
  metadata: {
    namespace: 'team-a',
    name: 'ecr-pull-secret',
    uid: 'held',
    resourceVersion: '7',
    deletionTimestamp: '2026-01-01T12:00:00Z',
    finalizers: ['example.io/hold'],
  },
};

describe('deleting a Secret that a finalizer holds', () => {
  it('asks for metadata only and keeps it in the cache as one that is going', async () => {
    const requests: ApiRequest[] = [];
    const absorbed: PullSecretRecord[] = [];
    const forgotten: PullSecretRecord[] = [];
    const writer = new PullSecretWriter({
      transport: {
        request: (request) => {
          requests.push(request);
          return Promise.resolve(HELD);
        },
        stream: () => Promise.reject(new Error('nothing is watched here')),
      },
      measurements: new RecordedMeasurements(),
      instance: INSTANCE,
      absorb: (record) => absorbed.push(record),
      forget: (record) => forgotten.push(record),
    });

    await writer.delete(aPullSecret(), new AbortController().signal);

    expect(requests[0]?.accept).toContain('as=PartialObjectMetadata');
    expect(absorbed).toMatchObject([{ uid: 'held', terminating: true }]);
    expect(forgotten).toEqual([]);
  });
});
