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
const retry = { kind: 'error' };
const idle = { kind: 'success' };

describe('the reaction to failures', () => {
  it.each<[string, readonly unknown[], Date | undefined, object]>([
    ['what may pass is retried', [passing], undefined, retry],
    ['what nobody classified is retried', [new TypeError('ours')], later, retry],
    ['what is no error at all is retried', ['text'], undefined, retry],
    ['one that may pass decides for all', [stalled, waiting(soon), passing], later, retry],
    ['what needs a person waits for a change', [stalled], undefined, idle],
    [
      'what needs a person keeps the plan’s time',
      [stalled],
      later,
      { kind: 'requeue_after', at: later },
    ],
    ['what is gone is over', [obsolete], undefined, idle],
    [
      'what waits comes at its time',
      [waiting(soon)],
      undefined,
      { kind: 'requeue_after', at: soon },
    ],
    [
      'of several times the earliest counts',
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
