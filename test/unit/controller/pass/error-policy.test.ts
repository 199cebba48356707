import { describe, expect, it } from '@jest/globals';
import { reactTo } from '../../../../src/controller/pass/error-policy.ts';
import {
  ObsoleteError,
  StalledError,
  TransientError,
  WaitingError,
} from '../../../../src/domain/errors.ts';
import { inMs } from '../../../support/values/builders.ts';

const code = 'TEST';
const soon = inMs(1_000);
const later = inMs(9_000);
const stalled = new StalledError('stalled', { code });
const obsolete = new ObsoleteError('obsolete', { code });
const passing = new TransientError('passing', { code });
const waiting = (until: Date) => new WaitingError('waiting', { code, until });
const retry = { kind: 'error', cause: code };
const retryFault = { kind: 'error', cause: 'PROGRAM_FAULT' };
const idle = { kind: 'success' };

describe('the reaction to failures', () => {
  it.each<[string, readonly unknown[], Date | undefined, object]>([
    ['a transient error is retried', [passing], undefined, retry],
    ['an unclassified error is retried', [new TypeError('ours')], later, retryFault],
    ['a thrown value that is not an error is retried', ['text'], undefined, retryFault],
    ['one transient error decides for all', [stalled, waiting(soon), passing], later, retry],
    ['a stalled one waits for a change', [stalled], undefined, idle],
    ['a stalled one keeps the plan’s time', [stalled], later, { kind: 'requeue_after', at: later }],
    ['an obsolete one needs nothing more', [obsolete], undefined, idle],
    [
      'a waiting one is requeued at its time',
      [waiting(soon)],
      undefined,
      { kind: 'requeue_after', at: soon },
    ],
    [
      'the earliest of several times counts',
      [waiting(later), waiting(soon)],
      later,
      { kind: 'requeue_after', at: soon },
    ],
    [
      'the plan’s time counts too',
      [waiting(later), stalled],
      soon,
      { kind: 'requeue_after', at: soon },
    ],
  ])('%s', (_, failures, planRequeueAt, outcome) => {
    expect(reactTo(failures, planRequeueAt)).toEqual(outcome);
  });
});
