import { beforeEach, describe, expect, it } from '@jest/globals';
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

    book.report(aNamespace(), troubles, true);
    book.report(aNamespace(), troubles, true);

    expect(log.messages('warn')).toEqual(['namespace is stalled']);
    expect(events).toHaveLength(10_000);
    expect(book.countByReason()).toEqual(new Map([['InvalidAnnotation', 1]]));
  });

  describe('over time', () => {
    let log: RecordedLog;
    let book: NamespaceTroubles;
    beforeEach(() => {
      log = new RecordedLog();
      book = new NamespaceTroubles({ emit: () => undefined }, log, {
        ownershipRefused: () => undefined,
      });
    });
    const trouble = (reason: string) => ({
      reason,
      message: 'because',
      about: { kind: 'Namespace', uid: 'uid' } as const,
    });

    it('are over only once a pass has left nothing undone', () => {
      book.report(aNamespace(), [trouble('TokenRequestDenied')], false);
      book.report(aNamespace(), [trouble('WriteFailing')], false);
      book.report(aNamespace(), [trouble('TokenRequestDenied')], false);
      expect(log.messages('info')).toEqual([]);
      expect(log.messages('warn')).toHaveLength(2);
      expect([...book.countByReason().values()]).toEqual([1, 1]);

      book.report(aNamespace(), [], true);
      expect(log.messages('info')).toEqual(['namespace has recovered', 'namespace has recovered']);
      expect(book.isStalled(aNamespace().name)).toBe(false);
    });

    it('are logged for some of the namespaces that share one, and again when one is over', () => {
      for (let n = 0; n < 300; n += 1) {
        book.report(aNamespace({ name: `team-${n}` }), [trouble('WriteFailing')], false);
      }
      expect(log.messages('warn')).toHaveLength(10);
      expect(book.countByReason()).toEqual(new Map([['WriteFailing', 300]]));

      for (let n = 0; n < 300; n += 1) book.report(aNamespace({ name: `team-${n}` }), [], true);
      expect(log.messages('info')).toHaveLength(10);
    });
  });
});
