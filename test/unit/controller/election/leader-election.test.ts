import { beforeEach, describe, expect, it } from '@jest/globals';
import { StalledError, TransientError } from '../../../../src/domain/errors.ts';
import { Candidate } from '../../../support/ports/candidate.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { FakeLease } from '../../../support/ports/fake-lease.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const REFUSED = new StalledError('reading the lease: forbidden', { code: 'LEASE_FORBIDDEN' });

let clock: VirtualClock;
let lease: FakeLease;
let a: Candidate;
let b: Candidate;

beforeEach(() => {
  clock = new VirtualClock();
  lease = new FakeLease();
  a = new Candidate('a', lease, clock);
  b = new Candidate('b', lease, clock);
});

/** `a` leads, `b` stands by. */
async function bothRun(): Promise<void> {
  a.start();
  await clock.advance(SECOND);
  b.start();
  await clock.advance(SECOND);
}

/** Both stand by, because of the pause. */
async function pauseBoth(): Promise<void> {
  await bothRun();
  lease.setPaused(true);
  await clock.advance(2 * SECOND);
}

async function release(candidate: Candidate): Promise<void> {
  const released = candidate.election.release();
  await clock.advance(0);
  await released;
}

/** What people read about it in the log. */
function infosOf({ log }: Candidate): readonly string[] {
  const [first, ...rest] = log.messages('info');
  expect(first).toBe('competing for the lease');
  return rest;
}

/** The leader, sampled every 100 ms for the given time; each change once. */
async function leadersOver(ms: number): Promise<readonly string[]> {
  const sampled: string[] = [];
  for (let passed = 0; passed < ms; passed += 100) {
    await clock.advance(100);
    const leaders = [a, b].filter(({ isLeading }) => isLeading);
    const now = leaders.map(({ name }) => name).join('+');
    if (sampled.at(-1) !== now) sampled.push(now);
  }
  return sampled;
}

describe('a candidate', () => {
  it.each([
    ['does not exist', undefined, 0],
    ['has no holder', 4, 5],
    ['has no holder, and the maximum count of transitions', 2 ** 31 - 1, 2 ** 31 - 1],
  ])('takes a lease at once that %s', async (_, before, transitions) => {
    if (before !== undefined) lease.put('', { transitions: before });
    a.start();
    await clock.advance(0);

    expect(a.isLeading).toBe(true);
    expect(a.transitions).toEqual(['started 0']);
    expect(lease.current).toMatchObject({ holder: 'a', transitions });
    expect(infosOf(a)).toEqual(['leading']);
  });

  it('renews at least every two seconds, and keeps the time when it was acquired', async () => {
    a.start();
    await clock.advance(0);
    const acquiredAt = lease.current?.acquiredAt;

    expect(await leadersOver(MINUTE)).toEqual(['a']);
    expect(lease.writes).toBe(31);
    expect(lease.current).toMatchObject({ transitions: 0, acquiredAt });
    expect(a.transitions).toEqual(['started 0']);
  });

  it('shortens its waits at random, to three quarters at most', async () => {
    const eager = new Candidate('eager', lease, clock, () => 0).start();
    await clock.advance(MINUTE);

    expect(eager.store.calls.slice(1, 4)).toEqual([0, 1500, 3000]);
  });

  it('waits for a holder that renews', async () => {
    await bothRun();

    expect(await leadersOver(10 * MINUTE)).toEqual(['a']);
    expect(b.transitions).toEqual([]);
    expect(infosOf(b)).toEqual(['another process leads']);
  });

  it('takes the lease of a holder that has not renewed for 15 s, without further delay', async () => {
    lease.put('dead', { transitions: 7, renewedAt: new Date('2999-01-01T00:00:00Z') });
    a.start();

    await clock.advance(15 * SECOND - 1);
    expect(a.isLeading).toBe(false);
    await clock.advance(1);
    expect(a.isLeading).toBe(true);
    expect(lease.current).toMatchObject({ holder: 'a', transitions: 8 });
    expect(a.log.lines.at(-1)).toMatchObject({
      message: 'leading',
      fields: { holder: 'a', previousHolder: 'dead' },
    });
  });

  it('takes over from a killed leader within 17 s', async () => {
    await bothRun();
    a.pause();

    await clock.advance(17 * SECOND);

    expect([a.isLeading, b.isLeading]).toEqual([false, true]);
  });

  it('yields to the first one if two take it at the same time', async () => {
    a.store.fault = { latencyMs: 200 };
    b.store.fault = { latencyMs: 210 };
    a.start();
    b.start();

    expect(await leadersOver(10 * SECOND)).toEqual(['', 'a']);
    expect(b.log.messages('warn')).toEqual([]);
  });
});

describe('a leader', () => {
  it('stops after 10 s without a renewal, remains a candidate, and leads again when it can', async () => {
    await bothRun();
    b.store.fault = REFUSED;
    a.store.fault = new TransientError('no answer', { code: 'API_UNREACHABLE' });
    const lastSentAtMs = a.store.calls.at(-1) ?? 0;

    await clock.advance(lastSentAtMs + 10 * SECOND - clock.monotonicMs() - 1);
    expect(a.isLeading).toBe(true);
    await clock.advance(1);
    expect(a.isLeading).toBe(false);
    expect(a.transitions).toEqual(['started 0', `stopped ${lastSentAtMs / SECOND + 10}`]);

    a.store.fault = 'none';
    await clock.advance(2 * SECOND);
    expect(a.isLeading).toBe(true);
    expect(infosOf(a)).toEqual(['leading', 'no longer leading', 'leading']);
  });

  it('stops when all calls hang, even before any of them ends in an error', async () => {
    await bothRun();
    a.store.fault = 'hang';

    expect(await leadersOver(20 * SECOND)).toEqual(['a', '', 'b']);
  });

  it('stops at once when another holds the lease', async () => {
    await bothRun();
    lease.put('stranger');

    await clock.advance(2 * SECOND);

    expect(a.isLeading).toBe(false);
    expect(a.slowPaths).toBe(1);
    expect(a.log.lines.slice(-2)).toMatchObject([
      { message: 'no longer leading', fields: { candidate: 'a', holder: 'stranger' } },
      { message: 'another process leads', fields: { candidate: 'a', holder: 'stranger' } },
    ]);
  });

  it.each([
    ['deleted', () => lease.delete()],
    ['edited', () => lease.put('a', { transitions: 3 })],
  ])('stays when its lease is %s: a standby gives it the time to renew', async (_, change) => {
    await bothRun();
    for (let round = 0; round < 20; round += 1) {
      change();
      expect(await leadersOver(3 * SECOND)).toEqual(['a']);
      expect(lease.current?.holder).toBe('a');
    }
    expect(a.transitions).toEqual(['started 0']);
  });

  it('has a successor when it is killed and its lease is deleted', async () => {
    await bothRun();
    a.pause();
    lease.delete();

    await clock.advance(17 * SECOND);
    expect(b.isLeading).toBe(true);
    expect(lease.current).toMatchObject({ holder: 'b', transitions: 0 });
  });

  it('never stays alone for long if somebody clears its lease', async () => {
    await bothRun();
    lease.put('');
    await clock.advance(4 * SECOND);

    expect([a, b].filter(({ isLeading }) => isLeading)).toHaveLength(1);
  });

  it('stays while every answer takes 4.5 s', async () => {
    await bothRun();
    a.store.fault = { latencyMs: 4500 };

    expect(await leadersOver(10 * MINUTE)).toEqual(['a']);
    expect(a.transitions).toEqual(['started 0']);
  });

  it('notices that a renewal without an answer has arrived', async () => {
    await bothRun();
    a.store.fault = 'lose-answer';
    await clock.advance(3 * SECOND);
    a.store.fault = 'none';

    expect(await leadersOver(MINUTE)).toEqual(['a']);
    expect(a.transitions).toEqual(['started 0']);
  });

  it('no longer leads the moment it wakes up from a pause', async () => {
    await bothRun();
    a.pause();
    await clock.advance(MINUTE);

    expect(a.isLeading).toBe(false);
    expect(b.isLeading).toBe(true);

    a.resume();
    expect(a.isLeading).toBe(false);
    expect(await leadersOver(MINUTE)).toEqual(['b']);
    expect(a.transitions).toEqual(['started 0', 'stopped 62']);
    expect(lease.holders).toEqual(['a', 'b']);
  });

  it('does not believe the answer to a renewal that was sent before a pause', async () => {
    a.start();
    await clock.advance(SECOND);
    a.store.fault = { latencyMs: 100 };
    await clock.advance(1020);
    a.pause();
    await clock.advance(12 * SECOND);
    a.resume();
    await clock.advance(0);

    expect(a.isLeading).toBe(false);
    expect(a.transitions).toEqual(['started 0', 'stopped 14']);
    await clock.advance(2 * SECOND);
    expect(a.isLeading).toBe(true);
  });

  it('writes nothing while its wall clock says that it was suspended, until it has renewed', async () => {
    await bothRun();
    a.jump(8 * HOUR);
    expect(a.isLeading).toBe(false);

    await clock.advance(2 * SECOND);

    expect(a.isLeading).toBe(true);
    expect(a.transitions).toEqual(['started 0']);
  });
});

describe('wall clocks', () => {
  it.each([HOUR, -HOUR, 24 * HOUR, -24 * HOUR])('may jump by %d ms on either side', async (ms) => {
    await bothRun();
    for (const who of [a, b]) {
      who.jump(ms);
      // One renewal at most until the leader knows that it was no suspension.
      await clock.advance(2 * SECOND);
      expect(await leadersOver(MINUTE)).toEqual(['a']);
    }
    expect(lease.holders).toEqual(['a']);
    expect(a.transitions).toEqual(['started 0']);
    expect(b.transitions).toEqual([]);
  });
});

describe('a release', () => {
  it('lets another lead within 2 s, and itself no longer', async () => {
    await bothRun();
    const released = a.election.release();
    expect(a.isLeading).toBe(false);
    expect(a.transitions).toEqual(['started 0', 'stopped 2']);
    await clock.advance(0);
    await released;
    expect(lease.current?.holder).toBe('');

    await clock.advance(2 * SECOND);
    expect(b.isLeading).toBe(true);
    expect(await leadersOver(MINUTE)).toEqual(['b']);
    expect(infosOf(a)).toEqual(['leading', 'no longer leading', 'lease released']);
    expect(a.election.findFault()).toBeUndefined();
  });

  it('does not touch the lease of another', async () => {
    await bothRun();
    const before = lease.writes;
    await b.election.release();

    expect(lease.current?.holder).toBe('a');
    expect(lease.writes).toBe(before);
    expect(clock.pending).toBeGreaterThan(0);
  });

  it('undoes a renewal whose answer it has not waited for', async () => {
    await bothRun();
    a.store.fault = 'lose-answer';
    await clock.advance(SECOND);
    a.store.fault = 'none';
    await release(a);

    expect(lease.current?.holder).toBe('');
  });

  it('is given up after 2.5 s if nothing answers', async () => {
    a.start();
    await clock.advance(SECOND);
    a.store.fault = 'hang';
    const released = a.election.release();
    await clock.advance(2500);
    await released;

    expect(a.log.messages('warn')).toEqual(['lease not released, it expires by itself']);
    expect(clock.pending).toBe(0);
  });

  it('before the start does nothing, and neither does a later start', async () => {
    await a.election.release();
    a.start();
    await clock.advance(MINUTE);

    expect(a.store.calls).toEqual([]);
    expect(a.transitions).toEqual([]);
  });

  it('happens once', async () => {
    a.start();
    await clock.advance(0);
    await Promise.all([a.election.release(), a.election.release()]);

    expect(lease.writes).toBe(2);
    expect(clock.pending).toBe(0);
  });
});

describe('a lease that cannot be acquired', () => {
  it.each([
    ['is refused', REFUSED],
    ['hangs', 'hang'],
    ['loses answers', 'lose-answer'],
    ['fails', new TransientError('503', { code: 'API_SERVER_ERROR' })],
    ['conflicts', new TransientError('409', { code: 'CONFLICT' })],
  ] as const)(
    'causes no busy loop, and gets a leader again when the fault ends: it %s',
    async (_, fault) => {
      await bothRun();
      a.store.fault = fault;
      b.store.fault = fault;
      const before = a.store.calls.length;
      await clock.advance(5 * MINUTE);

      expect([a.isLeading, b.isLeading]).toEqual([false, false]);
      // A conflict is resolved at once: three calls per attempt.
      expect(a.store.calls.length - before).toBeLessThanOrEqual(3 * 200);
      expect(a.election.findFault()).toBeUndefined();

      a.store.fault = 'none';
      b.store.fault = 'none';
      await clock.advance(20 * SECOND);
      expect([a, b].filter(({ isLeading }) => isLeading)).toHaveLength(1);
    },
  );

  it('is logged once a minute, as an error if a person must act', async () => {
    a.store.fault = REFUSED;
    b.store.fault = new TransientError('503', { code: 'API_SERVER_ERROR' });
    a.start();
    b.start();
    await clock.advance(3 * MINUTE + SECOND);

    expect(a.log.messages('error')).toHaveLength(4);
    expect(b.log.messages('warn')).toHaveLength(4);
    expect(b.log.messages('error')).toEqual([]);
  });
});

describe('readiness', () => {
  it('fails while the lease is refused, whatever happens in between, until it can be acquired', async () => {
    a.start();
    await clock.advance(SECOND);
    expect(a.election.findRefusal()).toBeUndefined();

    a.store.fault = REFUSED;
    await clock.advance(3 * SECOND);
    expect(a.election.findRefusal()).toBe(REFUSED.message);

    a.store.fault = 'hang';
    await clock.advance(MINUTE);
    expect(a.election.findRefusal()).toBe(REFUSED.message);

    a.store.fault = 'none';
    await clock.advance(10 * SECOND);
    expect(a.election.findRefusal()).toBeUndefined();
  });
});

describe('liveness', () => {
  it('fails if the loop has not run for a minute', async () => {
    a.start();
    await clock.advance(SECOND);
    a.store.fault = 'hang';
    await clock.advance(5 * MINUTE);
    expect(a.election.findFault()).toBeUndefined();

    a.pause();
    await clock.advance(70 * SECOND);
    expect(a.election.findFault()).toMatch(
      /^the last attempt to acquire or renew the lease was \d\d s ago$/,
    );

    a.resume();
    await clock.advance(SECOND);
    expect(a.election.findFault()).toBeUndefined();
  });

  it('does not begin before the start', async () => {
    await clock.advance(5 * MINUTE);

    expect(a.election.findFault()).toBeUndefined();
  });
});

describe('the pause annotation on the lease', () => {
  const warningsOf = ({ log }: Candidate): readonly string[] => log.messages('warn');

  it('ends the term of a leader at its next read, after which no replica holds the lease', async () => {
    await pauseBoth();

    expect([a.isLeading, b.isLeading]).toEqual([false, false]);
    expect(lease.current).toMatchObject({ holder: '', paused: true });
    expect(a.transitions).toEqual(['started 0', 'stopped 4']);
    expect(a.log.lines.find(({ message }) => message === 'no longer leading')).toMatchObject({
      fields: { cause: 'the lease is paused' },
    });
  });

  it('keeps every replica from leading while it is there, in good health, and is logged once', async () => {
    await pauseBoth();
    const { writes } = lease;

    expect(await leadersOver(10 * MINUTE)).toEqual(['']);
    expect(lease.writes).toBe(writes);
    for (const candidate of [a, b]) {
      expect(candidate.election.isPaused()).toBe(true);
      expect(candidate.election.findFault()).toBeUndefined();
      expect(candidate.election.findRefusal()).toBeUndefined();
      expect(warningsOf(candidate)).toEqual(['paused by the annotation on the lease']);
    }
  });

  it('is respected by a replica that starts while it is there, even if that one created the lease', async () => {
    lease.setPaused(true);
    a.start();
    await clock.advance(MINUTE);

    expect(a.transitions).toEqual([]);
    expect(lease.current).toMatchObject({ holder: '', transitions: 0 });
  });

  it('lets a replica lead again within 2 s after its removal', async () => {
    await bothRun();
    lease.setPaused(true);
    await clock.advance(MINUTE);
    lease.setPaused(false);
    await clock.advance(2 * SECOND);

    expect([a, b].filter(({ isLeading }) => isLeading)).toHaveLength(1);
    expect([a, b].map(({ election }) => election.isPaused())).toEqual([false, false]);
    expect(infosOf(a)).toContain('no longer paused');
    lease.setPaused(true);
    await clock.advance(2 * SECOND);
    expect(warningsOf(a)).toHaveLength(2);
  });

  it('counts for another minute if the lease vanishes with it, so that an uninstall is not undone', async () => {
    await pauseBoth();
    lease.delete();

    expect(await leadersOver(MINUTE - 3 * SECOND)).toEqual(['']);
    expect(lease.current).toBeUndefined();
    await clock.advance(6 * SECOND);
    expect([a, b].filter(({ isLeading }) => isLeading)).toHaveLength(1);
  });

  it('ends at once if a lease without it appears after one that vanished', async () => {
    await pauseBoth();
    lease.delete();
    await clock.advance(2 * SECOND);
    lease.put('');
    await clock.advance(2 * SECOND);

    expect([a, b].filter(({ isLeading }) => isLeading)).toHaveLength(1);
  });

  it('ends the term by the deadline of a leader that may no longer write, and counts after that', async () => {
    await bothRun();
    lease.setPaused(true);
    const renewal = lease.write.bind(lease);
    lease.write = () => {
      throw REFUSED;
    };
    await clock.advance(20 * SECOND);

    expect(a.transitions).toEqual(['started 0', 'stopped 12']);
    expect(lease.current?.holder).toBe('a');
    lease.write = renewal;
    await clock.advance(2 * SECOND);
    expect(lease.current?.holder).toBe('');
    expect(b.transitions).toEqual([]);
  });

  it('does not keep a leader from stopping cleanly', async () => {
    await bothRun();
    lease.setPaused(true);
    await a.election.release();

    expect(lease.current?.holder).toBe('');
    expect(a.isLeading).toBe(false);
  });
});
