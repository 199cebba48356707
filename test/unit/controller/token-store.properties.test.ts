/** What holds for the token store whatever happens, in whatever order; and what the whole of it costs. */
import { describe, expect, it } from '@jest/globals';
import { anIdentity } from '../../support/builders.ts';
import * as fc from 'fast-check';
import { TokenStore } from '../../../src/controller/token-store.ts';
import type { TokenNeed } from '../../../src/controller/token-need.ts';
import { TransientError, WaitingError } from '../../../src/domain/errors.ts';
import { dueAt, jitterOf } from '../../../src/domain/refresh-policy.ts';
import type { RegistryToken } from '../../../src/domain/registry-token.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { FakeTokenMinter } from '../../support/fake-token-minter.ts';

const never = new AbortController().signal;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const refresh = { atLifetimeFraction: 0.5, jitterFraction: 0.1 };
const identity = anIdentity('default', { hash: 'a'.repeat(64) });

/** Namespaces as the controller keeps them: each with the token of its Secret. */
class World {
  readonly clock = new FakeClock();
  readonly minter = new FakeTokenMinter(this.clock);
  readonly succeededAt: number[] = [];
  readonly secrets = new Map<string, RegistryToken>();
  readonly store: TokenStore;

  constructor(random: () => number) {
    this.store = new TokenStore({
      minter: this.minter,
      clock: this.clock,
      random,
      log: silent,
      measurements: {
        tokenRequested: (_profile, result, durationMs) => {
          if (result === 'success' || result === 'untrusted_expiry') {
            this.succeededAt.push(this.clock.now().getTime() - durationMs);
          }
        },
      },
    });
  }

  needOf(uid: string, requestedSince?: Date): TokenNeed {
    const secret = this.secrets.get(uid);
    const notBefore =
      requestedSince !== undefined && (secret === undefined || requestedSince > secret.mintedAt)
        ? requestedSince
        : secret?.mintedAt;
    const holdsLiveToken = secret !== undefined && secret.expiresAt > this.clock.now();
    return {
      identity,
      profile: 'default',
      jitter: jitterOf(uid),
      refresh,
      notBefore,
      holdsLiveToken,
    };
  }

  isDue(uid: string): boolean {
    const secret = this.secrets.get(uid);
    return secret === undefined || dueAt(secret, jitterOf(uid), refresh) <= this.clock.now();
  }

  /** One pass over a namespace; checks what must hold at every write. */
  async reconcile(uid: string, signal = never, requestedSince?: Date): Promise<boolean> {
    const need = this.needOf(uid, requestedSince);
    const before = this.secrets.get(uid);
    let token: RegistryToken;
    try {
      token = await this.store.obtain(need, signal);
    } catch (error) {
      this.#checkRefusal(error, signal);
      return false;
    }
    const now = this.clock.now();
    expect(token.expiresAt > now).toBe(true);
    if (before !== undefined && before.expiresAt > now && need.holdsLiveToken) {
      expect(token.expiryTrusted).toBe(true);
      expect(token.mintedAt >= before.mintedAt).toBe(true);
    }
    this.secrets.set(uid, token);
    return true;
  }

  #checkRefusal(error: unknown, signal: AbortSignal): void {
    if (error instanceof WaitingError) {
      const waitMs = error.until.getTime() - this.clock.now().getTime();
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      return;
    }
    expect(error).toBeInstanceOf(TransientError);
    expect(signal.aborted).toBe(true);
  }
}

type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'ask';
      readonly who: number;
      readonly requested: boolean;
      readonly abort: boolean;
    }
  | { readonly kind: 'fail'; readonly times: number }
  | { readonly kind: 'hang' | 'heal' | 'doubt' }
  | { readonly kind: 'live'; readonly ms: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 40_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      who: fc.nat(5),
      requested: fc.boolean(),
      abort: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      times: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('hang' as const, 'heal' as const, 'doubt' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('live' as const),
      ms: fc.integer({ min: 30_000, max: 600_000 }),
    }),
  },
);

async function perform(world: World, step: Command, running: Promise<boolean>[]): Promise<void> {
  const { clock, minter } = world;
  switch (step.kind) {
    case 'pass':
      await clock.advance(step.ms);
      return;
    case 'ask': {
      const impatient = new AbortController();
      const since = step.requested ? new Date(clock.now().getTime() - 60_000) : undefined;
      running.push(world.reconcile(`uid-${step.who}`, impatient.signal, since));
      if (step.abort) impatient.abort();
      await settle();
      return;
    }
    case 'fail':
      minter.failNext(
        new TransientError('minting failed', { code: 'ECR_UNAVAILABLE' }),
        step.times,
      );
      return;
    case 'hang':
      minter.hang();
      return;
    case 'heal':
      minter.heal();
      await settle();
      return;
    case 'doubt':
      minter.expiryTrusted = false;
      return;
    case 'live':
      minter.lifeMs = step.ms;
  }
}

describe('TokenStore, whatever happens', () => {
  it('keeps its promises in any order of requests, failures, hangs and lies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (commands, random) => {
          const world = new World(() => random);
          world.minter.lifeMs = 600_000;
          const running: Promise<boolean>[] = [];
          for (const step of commands) await perform(world, step, running);
          await world.clock.advance(10_000);
          await Promise.all(running);

          expect(world.minter.maxInFlight).toBeLessThanOrEqual(1);
          const gaps = world.succeededAt.slice(1).map((at, n) => at - (world.succeededAt[n] ?? 0));
          for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10_000);

          world.minter.heal();
          // Longer than any before: an expiry that goes back is not believed.
          world.minter.lifeMs = 3_600_000;
          await world.clock.advance(60_000);
          for (let who = 0; who <= 5; who++) {
            expect(await world.reconcile(`uid-${who}`)).toBe(true);
          }
          expect(world.clock.pending).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('TokenStore in a cluster of 200 namespaces with tokens that live 60 s', () => {
  it('mints at most 12 times in 300 s, newcomers all the time, and no Secret ever holds an expired token', async () => {
    const world = new World(() => 0.5);
    const { clock, minter, secrets } = world;
    minter.lifeMs = 60_000;
    const uids = Array.from({ length: 200 }, (_, n) => `uid-${n}`);

    for (let tick = 0; tick < 3_000; tick++) {
      const present = uids.slice(0, 100 + Math.floor(tick / 30));
      const due = present.filter((uid) => world.isDue(uid));
      await Promise.all(due.map((uid) => world.reconcile(uid)));
      for (const uid of present) {
        const secret = secrets.get(uid);
        if (secret === undefined || secret.expiresAt <= clock.now()) {
          throw new Error(`${uid} has no live token`);
        }
      }
      await clock.advance(100);
    }

    expect(secrets.size).toBe(199);
    expect(minter.calls.length).toBeLessThanOrEqual(12);
    expect(minter.maxInFlight).toBe(1);
  });
});
