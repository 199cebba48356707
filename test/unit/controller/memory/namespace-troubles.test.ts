import { describe, expect, it } from '@jest/globals';
import { NamespaceTroubles } from '../../../../src/controller/memory/namespace-troubles.ts';
import { aNamespace } from '../../../support/values/builders.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

describe('the troubles of the namespaces', () => {
  it('log a reason once, however many ServiceAccounts have it, and create an Event for each', () => {
    const log = new RecordedLog();
    const events: unknown[] = [];
    const sink = { emit: (event: unknown) => void events.push(event) };
    const book = new NamespaceTroubles(sink, log, { ownershipRefused: () => undefined });
    const troubles = Array.from({ length: 5_000 }, (_, n) => ({
      reason: 'InvalidAnnotation',
      message: 'annotation attach has "maybe"',
      about: { kind: 'ServiceAccount', name: `app-${n}`, uid: `uid-${n}` } as const,
    }));

    book.report(aNamespace(), troubles);
    book.report(aNamespace(), troubles);

    expect(log.messages('warn')).toEqual(['namespace is stalled']);
    expect(events).toHaveLength(10_000);
    expect(book.countByReason()).toEqual(new Map([['InvalidAnnotation', 1]]));
  });
});
