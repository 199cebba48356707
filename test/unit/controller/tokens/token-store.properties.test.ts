/** What the token store guarantees, whatever happens in whatever order; and the cost of all of it. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { NoToken, TokenAnswer } from '../../../../src/controller/tokens/token-answer.ts';
import { TokenStore } from '../../../../src/controller/tokens/token-store.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import { dueAt, jitterOf } from '../../../../src/domain/token/refresh-policy.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import type { TokenNeed } from '../../../../src/domain/token/token-need.ts';
import { aTokenNeed, anIdentity } from '../../../support/values/builders.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { FakeTokenMinter } from '../../../support/ports/fake-token-minter.ts';
import { itShares, share } from '../../../support/suite/share.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const { refresh } = aTokenNeed();
const identities = [anIdentity('a'), anIdentity('b', { region: 'us-east-1' })];
const [first = anIdentity()] = identities;

/** Namespaces as the controller keeps them: each with the token of its Secret, and another pass when a mint has ended. */
class World {
  readonly clock = new VirtualClock();
  readonly minter = new FakeTokenMinter(this.clock);
  readonly secrets = new Map<string, RegistryToken>();
  readonly store: TokenStore;
  /** Passes without an answer yet: neither a token nor a time to wait for. */
  open = 0;
  /** The promises that were broken. */
  readonly broken = new Set<string>();
  #wakeUps = 0;
  readonly #succeededAt = new Map<string, number[]>();

  constructor(random: () => number) {
    const { clock, minter } = this;
    this.store = new TokenStore({
      minter,
      clock,
      random,
      log: silent,
      measurements: {
        tokenRequested: (profile, result, durationMs) => {
          if (result !== 'success' && result !== 'untrusted_expiry') return;
          const before = this.#succeededAt.get(profile) ?? [];
          this.#succeededAt.set(profile, [...before, clock.now().getTime() - durationMs]);
        },
      },
    });
  }

  /** Between the successful mints of one identity. */
  get gapsMs(): readonly number[] {
    return [...this.#succeededAt.values()].flatMap((times) =>
      times.slice(1).map((at, n) => at - (times[n] ?? 0)),
    );
  }

  /** The profile has the name of its identity, so that mints are counted per identity. */
  needOf(uid: string, { identity = first, requestedSince }: PassRequest = {}): TokenNeed {
    const secret = this.secrets.get(keyOf(uid, identity));
    const notBefore =
      requestedSince !== undefined && (secret === undefined || requestedSince > secret.mintedAt)
        ? requestedSince
        : secret?.mintedAt;
    return aTokenNeed({
      profile: identity.hash,
      login: { identity, hosts: [] },
      jitter: jitterOf(uid),
      notBefore,
      notOutlivedBy: secret?.expiresAt,
      holdsLiveToken: secret !== undefined && secret.expiresAt > this.clock.now(),
    });
  }

  isDue(uid: string): boolean {
    const secret = this.secrets.get(keyOf(uid, first));
    return secret === undefined || dueAt(secret, jitterOf(uid), refresh) <= this.clock.now();
  }

  /** One pass over a namespace; checks what must hold for every answer. */
  pass(uid: string, request: PassRequest = {}): TokenAnswer['kind'] {
    const need = this.needOf(uid, request);
    const { identity } = need.login;
    const cached = this.store.cached(identity);
    const answer = this.store.take(need);
    this.#check('a request changes no cached token', this.store.cached(identity) === cached);
    if (answer.kind !== 'token') {
      this.#checkWait(need, answer);
      if (answer.kind === 'minting' && request.leaves !== true) {
        this.#requeue(uid, request, answer.settled);
      }
      return answer.kind;
    }
    this.#checkToken(need, answer.token);
    this.secrets.set(keyOf(uid, identity), answer.token);
    return answer.kind;
  }

  #requeue(uid: string, request: PassRequest, settled: Promise<void>): void {
    this.open += 1;
    this.#wakeUps += 1;
    // A test that never ends would not show what is wrong.
    const isAtRest = this.#wakeUps < 10_000;
    this.#check('a pass after a mint gets its token', isAtRest);
    void settled.then(() => {
      this.open -= 1;
      if (isAtRest) this.pass(uid, request);
    });
  }

  #checkToken(need: TokenNeed, token: RegistryToken): void {
    this.#check('it belongs to the identity', token.identity === need.login.identity);
    this.#check('it is live', token.expiresAt > this.clock.now());
    if (!need.holdsLiveToken) return;
    this.#check('only a believed one replaces a live one', token.expiryTrusted);
    const { notBefore } = need;
    this.#check('it is new enough', notBefore === undefined || token.mintedAt >= notBefore);
  }

  #checkWait(need: TokenNeed, { kind, until }: NoToken): void {
    const waitMs = until.getTime() - this.clock.now().getTime();
    this.#check('the wait has an end', waitMs > 0 && waitMs <= 60_000);
    if (kind === 'minting' || need.holdsLiveToken) return;
    const cached = this.store.cached(need.login.identity);
    const isNewEnough =
      need.notBefore === undefined || (cached && cached.mintedAt >= need.notBefore);
    const isBetterThanNone = cached !== undefined && isNewEnough === true;
    this.#check('a Secret without a live token gets the cached one', !isBetterThanNone);
  }

  /** In addition to the expectations of the test, because these are checked thousands of times. */
  #check(promise: string, holds: boolean): void {
    if (!holds) this.broken.add(promise);
  }
}

interface PassRequest {
  readonly identity?: TokenNeed['login']['identity'] | undefined;
  readonly requestedSince?: Date | undefined;
  /** Does not come again when the mint has ended. */
  readonly leaves?: boolean;
}

function keyOf(uid: string, { hash }: { readonly hash: string }): string {
  return `${uid} ${hash}`;
}

type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'ask';
      readonly who: number;
      readonly which: number;
      readonly requested: boolean;
      readonly leaves: boolean;
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
      which: fc.nat(identities.length - 1),
      requested: fc.boolean(),
      leaves: fc.boolean(),
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

const commands = fc.array(command, { maxLength: 40 });
const randomness = fc.double({ min: 0, max: 0.999, noNaN: true });

async function perform(world: World, step: Command): Promise<void> {
  const { clock, minter } = world;
  switch (step.kind) {
    case 'pass':
      await clock.advance(step.ms);
      return;
    case 'ask': {
      const { who, which, requested, leaves } = step;
      const requestedSince = requested ? new Date(clock.now().getTime() - 60_000) : undefined;
      world.pass(`uid-${who}`, { identity: identities[which], requestedSince, leaves });
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
  itShares('keeps its promises in any order of requests, failures and lies', async () => {
    await fc.assert(
      fc.asyncProperty(commands, randomness, async (steps, random) => {
        const world = new World(() => random);
        const { clock, minter } = world;
        minter.lifeMs = 600_000;
        for (const step of steps) await perform(world, step);
        await clock.advance(10_000);

        // No namespace is left waiting: each mint has ended, and each namespace that waited had another pass.
        expect(world.open).toBe(0);
        expect([...world.broken]).toEqual([]);
        for (const { hash } of identities) expect(minter.maxInFlightOf(hash)).toBeLessThan(2);
        expect(world.gapsMs.filter((gapMs) => gapMs < 10_000)).toEqual([]);

        minter.heal();
        // Longer than any before: an expiry that goes back is not believed.
        minter.lifeMs = 3_600_000;
        await clock.advance(60_000);
        const namespaces = identities.flatMap((identity) =>
          [0, 1, 2, 3, 4, 5].map((who) => ({ uid: `uid-${who}`, identity })),
        );
        const answers = namespaces.map(({ uid, identity }) => world.pass(uid, { identity }));
        await settle();
        expect(answers).not.toContain('blocked');
        const lifetimes = namespaces.map(({ uid, identity }) => {
          const { expiresAt } = world.secrets.get(keyOf(uid, identity)) ?? {};
          return (expiresAt?.getTime() ?? 0) - clock.now().getTime();
        });
        expect(Math.min(...lifetimes)).toBeGreaterThan(0);
        expect([...world.broken]).toEqual([]);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: share(200, 500) },
    );
  });

  it('changes no cached token when a mint fails or its expiry is not believed', async () => {
    const spoil: readonly ((minter: FakeTokenMinter) => void)[] = [
      (minter) => minter.failNext(new TransientError('failed', { code: 'ECR_UNAVAILABLE' })),
      (minter) => minter.failNext(new TypeError('nobody knows this one')),
      (minter) => minter.hang(),
      (minter) => {
        minter.expiryTrusted = false;
      },
      (minter) => {
        minter.lifeMs = 1_000;
      },
    ];
    await fc.assert(
      fc.asyncProperty(commands, fc.constantFrom(...spoil), async (steps, spoilNext) => {
        const world = new World(() => 0.5);
        const { clock, minter, store } = world;
        minter.lifeMs = 600_000;
        for (const step of steps) await perform(world, step);
        minter.heal();
        await clock.advance(60_000);
        minter.lifeMs = 3_600_000;
        store.take(aTokenNeed({ login: { identity: first, hosts: [] }, notBefore: clock.now() }));
        await settle();
        const cached = store.cached(first);
        await clock.advance(60_000);
        spoilNext(minter);
        const renewal = world.needOf('uid-new', { requestedSince: clock.now() });
        const answer = store.take({ ...renewal, holdsLiveToken: true });
        await clock.advance(10_000);

        expect(answer.kind).toBe('minting');
        expect(cached).toBeDefined();
        expect(store.cached(first)).toBe(cached);
        expect(store.isFailing(first)).toBe(true);
        expect(store.take({ ...renewal, holdsLiveToken: true }).kind).not.toBe('token');
        expect(store.take(world.needOf('uid-new'))).toEqual({ kind: 'token', token: cached });
      }),
      { numRuns: 100 },
    );
  });

  it('ends every mint when it is stopped, and starts none afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const world = new World(() => 0.5);
        for (const step of steps) await perform(world, step);
        world.store.stop();
        await settle();
        const mints = world.minter.calls.length;

        expect(world.minter.inFlight).toBe(0);
        expect(world.clock.pending).toBe(0);
        expect(world.open).toBe(0);
        for (const step of steps) await perform(world, step);
        expect(world.minter.calls).toHaveLength(mints);
      }),
      { numRuns: 100 },
    );
  });
});

describe('TokenStore in a cluster of many namespaces with tokens that live 60 s', () => {
  const most = share(40, 200);

  itShares('mints 13 times in 300 s at most, and no token expires', async () => {
    const world = new World(() => 0.5);
    const { clock, minter, secrets } = world;
    minter.lifeMs = 60_000;
    const uids = Array.from({ length: most }, (_, n) => `uid-${n}`);

    for (let tick = 0; tick < 3_000; tick++) {
      const present = uids.slice(0, (most / 2) * (1 + tick / 3_000));
      const due = present.filter((uid) => world.isDue(uid));
      for (const uid of due) world.pass(uid);
      if (due.length > 0) await settle();
      for (const uid of present) {
        const secret = secrets.get(keyOf(uid, first));
        if (secret === undefined || secret.expiresAt <= clock.now()) {
          throw new Error(`${uid} has no live token`);
        }
      }
      await clock.advance(100);
    }

    expect(secrets.size).toBe(most - 1);
    expect(minter.calls.length).toBeLessThanOrEqual(13);
    expect(minter.maxInFlight).toBe(1);
    expect([...world.broken]).toEqual([]);
  });
});
