import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { Deadline, unlessAborted, withDeadline } from '../../../src/base/deadline.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const LIMIT_MS = 1_000;
const never = new Promise<never>(() => undefined);
const reason = new Error('the caller has gone');
const tooLate = new Error('too late');

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** The outcome of a promise so far. */
function follow<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.error = error),
  );
  return seen;
}

describe('Deadline', () => {
  it('aborts when the time is up, and not before', async () => {
    const clock = new VirtualClock();
    const deadline = new Deadline(clock, { limitMs: LIMIT_MS, timeoutError: () => tooLate });

    await clock.advance(LIMIT_MS - 1);
    expect([deadline.signal.aborted, deadline.expired]).toEqual([false, false]);
    await clock.advance(1);

    expect([deadline.signal.reason, deadline.expired]).toEqual([tooLate, true]);
  });

  it('aborts with an AbortError unless another error is given', async () => {
    const clock = new VirtualClock();
    const deadline = new Deadline(clock, { limitMs: LIMIT_MS });

    await clock.advance(LIMIT_MS);

    expect(deadline.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it.each([-3_600_000, 3_600_000])(
    'ignores the wall clock: a jump of %d ms changes nothing',
    async (jumpMs) => {
      const clock = new VirtualClock();
      const deadline = new Deadline(clock, { limitMs: LIMIT_MS });

      clock.jump(jumpMs);
      await clock.advance(LIMIT_MS - 1);
      expect(deadline.expired).toBe(false);
      await clock.advance(1);

      expect(deadline.expired).toBe(true);
    },
  );

  it('passes on the abort of its parent, and has not expired then', async () => {
    const clock = new VirtualClock();
    const parent = new AbortController();
    const deadline = new Deadline(clock, { limitMs: LIMIT_MS, parent: parent.signal });

    parent.abort(reason);
    await clock.advance(LIMIT_MS);

    expect([deadline.signal.reason, deadline.expired]).toEqual([reason, false]);
    expect([clock.pending, listeners(parent.signal)]).toEqual([0, 0]);
  });

  it('is over at once if its parent is aborted', () => {
    const clock = new VirtualClock();
    const parent = AbortSignal.abort(reason);

    const deadline = new Deadline(clock, { limitMs: LIMIT_MS, parent });
    deadline.restart(LIMIT_MS);

    expect([deadline.signal.reason, deadline.expired]).toEqual([reason, false]);
    expect([clock.pending, listeners(parent)]).toEqual([0, 0]);
  });

  it('has no limit before the first restart if none was given', async () => {
    const clock = new VirtualClock();
    const deadline = new Deadline(clock);
    await clock.advance(3_600_000);
    expect([deadline.signal.aborted, clock.pending]).toEqual([false, 0]);

    deadline.restart(0);
    await clock.advance(0);

    expect(deadline.expired).toBe(true);
  });

  it('does not abort what it has released', async () => {
    const clock = new VirtualClock();
    const parent = new AbortController();
    const deadline = new Deadline(clock, { limitMs: LIMIT_MS, parent: parent.signal });

    deadline.release();
    await clock.advance(LIMIT_MS);
    parent.abort();

    expect(deadline.signal.aborted).toBe(false);
  });

  it('ends when the last restart says, neither earlier nor later, and leaves nothing behind', async () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom('pass', 'restart', 'jump', 'abort', 'end', 'release'),
        ms: fc.nat(2_000),
      }),
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = new LimitedWorld();
        for (const step of all) {
          await world.take(step);
          expect(world.faults()).toEqual([]);
        }
        world.deadline.release();
        expect(world.leftBehind()).toEqual([0, 0]);
      }),
    );
  });
});

type Kind = 'pass' | 'restart' | 'jump' | 'abort' | 'end' | 'release';

/** A deadline, and when it is due after the operations so far. */
class LimitedWorld {
  readonly clock = new VirtualClock();
  readonly parent = new AbortController();
  readonly deadline = new Deadline(this.clock, { limitMs: LIMIT_MS, parent: this.parent.signal });
  #dueAtMs = LIMIT_MS;

  async take({ kind, ms }: { readonly kind: Kind; readonly ms: number }): Promise<void> {
    const { clock, deadline, parent } = this;
    const wasOver = deadline.signal.aborted;
    const acts = {
      pass: () => clock.advance(ms),
      restart: () => deadline.restart(ms),
      jump: () => clock.jump(ms - 1_000),
      abort: () => parent.abort(),
      end: () => deadline.end(),
      release: () => deadline.release(),
    };
    await acts[kind]();
    if (kind === 'restart' && !wasOver) this.#dueAtMs = clock.monotonicMs() + ms;
    if (kind === 'release' && !wasOver) this.#dueAtMs = Infinity;
    // What has run out by now ends when the timers run.
    await clock.advance(0);
  }

  faults(): readonly string[] {
    const { clock, deadline } = this;
    const isOver = deadline.signal.aborted;
    const isDue = clock.monotonicMs() >= this.#dueAtMs;
    return [
      ...(isDue && !isOver ? ['late'] : []),
      ...(deadline.expired && !isDue ? ['early'] : []),
      ...(isOver && this.leftBehind().some((count) => count > 0) ? ['leaks'] : []),
    ];
  }

  /** Timers, and listeners on the parent. */
  leftBehind(): readonly number[] {
    return [this.clock.pending, listeners(this.parent.signal)];
  }
}

describe('withDeadline', () => {
  it('returns the result of the work, and then aborts its signal', async () => {
    const clock = new VirtualClock();
    const { signal: parent } = new AbortController();
    let workSignal: AbortSignal | undefined;

    const value = await withDeadline(clock, { limitMs: LIMIT_MS, parent }, async (signal) => {
      workSignal = signal;
      return Promise.resolve(signal.aborted);
    });

    expect([value, workSignal?.aborted]).toEqual([false, true]);
    expect([clock.pending, listeners(parent)]).toEqual([0, 0]);
  });

  it('rejects as the work does, even if that throws at once', async () => {
    const clock = new VirtualClock();
    const failing = withDeadline(clock, { limitMs: LIMIT_MS }, () => Promise.reject(reason));
    const throwing = withDeadline(clock, { limitMs: LIMIT_MS }, () => {
      throw reason;
    });

    await expect(failing).rejects.toBe(reason);
    await expect(throwing).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('rejects with a TimeoutError when the time is up, even if the work ignores the signal', async () => {
    const clock = new VirtualClock();
    const seen = follow(withDeadline(clock, { limitMs: LIMIT_MS }, () => never));

    await clock.advance(LIMIT_MS - 1);
    expect(seen).toEqual({});
    await clock.advance(1);

    expect(seen.error).toMatchObject({ name: 'TimeoutError', message: 'no response in time' });
    expect(clock.pending).toBe(0);
  });

  it('reports the time-out rather than the work’s own error after the abort', async () => {
    const clock = new VirtualClock();
    const rejectOnAbort = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(reason));
      });
    const options = { limitMs: LIMIT_MS, timeoutError: () => tooLate };
    const seen = follow(withDeadline(clock, options, rejectOnAbort));

    await clock.advance(LIMIT_MS);

    expect(seen).toEqual({ error: tooLate });
  });

  it.each(['before', 'meanwhile'])(
    'rejects with the reason of a parent aborted %s',
    async (when) => {
      const clock = new VirtualClock();
      const parent = new AbortController();
      if (when === 'before') parent.abort(reason);
      const options = { limitMs: LIMIT_MS, parent: parent.signal };

      const seen = follow(withDeadline(clock, options, () => never));
      parent.abort(reason);
      await clock.advance(0);

      expect(seen).toEqual({ error: reason });
      expect([clock.pending, listeners(parent.signal)]).toEqual([0, 0]);
    },
  );
});

describe('unlessAborted', () => {
  it('settles like the promise, and leaves no listener behind', async () => {
    const { signal } = new AbortController();

    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(unlessAborted(Promise.reject(reason), signal)).rejects.toBe(reason);

    expect(listeners(signal)).toBe(0);
  });

  it('rejects as soon as the signal is aborted, while others keep waiting', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const leaving = new AbortController();
    const aborted = unlessAborted(promise, leaving.signal);
    const other = unlessAborted(promise, new AbortController().signal);

    leaving.abort(reason);

    await expect(aborted).rejects.toBe(reason);
    resolve(7);
    await expect(other).resolves.toBe(7);
    expect(listeners(leaving.signal)).toBe(0);
  });

  it('rejects at once with the given error if the signal is already aborted', async () => {
    const aborted = unlessAborted(never, AbortSignal.abort(reason), () => tooLate);

    await expect(aborted).rejects.toBe(tooLate);
  });

  it('handles a rejection that comes after the caller has left', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const leaving = new AbortController();
    const aborted = unlessAborted(promise, leaving.signal);
    leaving.abort(reason);
    await expect(aborted).rejects.toBe(reason);

    // An unhandled rejection would end the process.
    reject(tooLate);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  });
});
