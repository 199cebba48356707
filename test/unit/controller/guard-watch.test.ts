import { beforeEach, describe, expect, it } from '@jest/globals';
import { GuardWatch } from '../../../src/controller/guard-watch.ts';
import type { Guard, GuardState } from '../../../src/controller/ports/guard.ts';
import type { CachedNamespace } from '../../../src/domain/state/observed.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { RecordedLog } from '../../support/ports/recorded-log.ts';
import { aNamespace, HOUR_MS, MINUTE_MS } from '../../support/values/builders.ts';

const IN_EFFECT: GuardState = { kind: 'inEffect' };
const MISSING: GuardState = { kind: 'notInEffect', unguarded: ['events'] };
const UNKNOWN: GuardState = { kind: 'unknown', cause: new Error('a webhook refused it') };

/** Answers at once with its state; while it has none, it does not answer until the probe is aborted. */
class FakeGuard implements Guard {
  state: GuardState | undefined = IN_EFFECT;
  /** The namespaces of all probes. */
  readonly probes: string[] = [];

  probe(namespace: string, signal: AbortSignal): Promise<GuardState> {
    this.probes.push(namespace);
    if (this.state !== undefined) return Promise.resolve(this.state);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

let clock: VirtualClock;
let guard: FakeGuard;
let log: RecordedLog;
let namespaces: readonly CachedNamespace[];
let watch: GuardWatch;

beforeEach(() => {
  clock = new VirtualClock();
  guard = new FakeGuard();
  log = new RecordedLog();
  namespaces = [aNamespace({ name: 'team-a' }), aNamespace({ name: 'default' })];
  const cluster = { namespaces: () => namespaces };
  watch = new GuardWatch({ guard, cluster, clock, log });
  watch.start();
});

const warnings = () => log.messages('warn').length;

async function sweep(): Promise<void> {
  watch.probe();
  await clock.advance(0);
}

describe('GuardWatch', () => {
  it('probes a minute after the start of the term, and with each sweep', async () => {
    await clock.advance(MINUTE_MS - 1);
    expect(guard.probes).toEqual([]);
    await clock.advance(1);
    expect([guard.probes.length, watch.isInEffect]).toEqual([1, true]);

    await clock.advance(HOUR_MS);
    expect(guard.probes).toHaveLength(1);
    await sweep();
    expect([guard.probes.length, log.lines]).toEqual([2, []]);
  });

  it('warns once, after two misses a minute apart, and says what is not guarded', async () => {
    guard.state = MISSING;

    await clock.advance(MINUTE_MS);
    expect([warnings(), watch.isInEffect]).toEqual([0, undefined]);
    await clock.advance(MINUTE_MS);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'guard is not in effect',
        fields: { unguarded: ['events'], fix: expect.stringContaining('--guard off') },
      },
    ]);
    expect(watch.isInEffect).toBe(false);
    await sweep();
    await clock.advance(HOUR_MS);
    expect([guard.probes.length, warnings()]).toEqual([3, 1]);
  });

  it('does not warn about a guard that only takes effect late', async () => {
    guard.state = MISSING;
    await clock.advance(MINUTE_MS);
    guard.state = IN_EFFECT;
    await clock.advance(MINUTE_MS);

    expect([log.lines.length, watch.isInEffect]).toEqual([0, true]);
  });

  it('reports once that a missing guard is in effect again, and warns when it is missing again', async () => {
    guard.state = MISSING;
    await clock.advance(2 * MINUTE_MS);
    guard.state = IN_EFFECT;
    await sweep();
    await sweep();
    expect(log.messages('info')).toEqual(['guard is in effect again']);
    expect(watch.isInEffect).toBe(true);

    guard.state = MISSING;
    await sweep();
    await clock.advance(MINUTE_MS);
    expect(warnings()).toBe(2);
  });

  it('does not take a webhook that refuses for a guard, or for a missing one', async () => {
    guard.state = UNKNOWN;
    await clock.advance(MINUTE_MS);
    await sweep();
    await sweep();

    expect([warnings(), watch.isInEffect]).toEqual([0, undefined]);
    expect(new Set(log.messages('info'))).toEqual(new Set(['guard could not be probed']));
  });

  it('no longer claims to know once it can’t ask', async () => {
    await clock.advance(MINUTE_MS);
    guard.state = UNKNOWN;
    await sweep();

    expect(watch.isInEffect).toBeUndefined();
  });

  it('probes one at a time', async () => {
    guard.state = undefined;
    await clock.advance(MINUTE_MS);
    await sweep();

    expect(guard.probes).toHaveLength(1);
  });

  it('ends with the term: no probe, no timer and no log line is left', async () => {
    guard.state = MISSING;
    await clock.advance(2 * MINUTE_MS);
    guard.state = undefined;
    await sweep();
    const lines = log.lines.length;

    watch.stop();
    await clock.advance(HOUR_MS);
    await sweep();

    expect([guard.probes.length, log.lines.length, clock.pending]).toEqual([3, lines, 0]);
  });

  it.each([
    [
      'the namespace default',
      [
        ['a', false],
        ['default', false],
      ],
      ['default'],
    ],
    [
      'another if default is terminating',
      [
        ['default', true],
        ['a', false],
      ],
      ['a'],
    ],
    ['nowhere if all are terminating', [['default', true]], []],
  ] as const)('probes in %s', async (_, cached, probed) => {
    namespaces = cached.map(([name, terminating]) => aNamespace({ name, terminating }));

    await clock.advance(MINUTE_MS);

    expect(guard.probes).toEqual(probed);
  });
});
