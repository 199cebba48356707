import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NoToken, TokenAnswer } from '../../../../src/controller/tokens/token-answer.ts';
import { TokenStore } from '../../../../src/controller/tokens/token-store.ts';
import { StalledError, TransientError } from '../../../../src/domain/errors.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import type { TokenNeed } from '../../../../src/domain/token/token-need.ts';
import { HOUR_MS, MINUTE_MS, aTokenNeed, anIdentity } from '../../../support/values/builders.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { FakeTokenMinter } from '../../../support/ports/fake-token-minter.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

const numberOf = (token: RegistryToken): number => FakeTokenMinter.numberOf(token);
const need = aTokenNeed;
const { identity } = need().login;
const other = { identity: anIdentity('other', { region: 'us-east-1' }), hosts: [] };

let clock: VirtualClock;
let minter: FakeTokenMinter;
let results: string[];
let log: RecordedLog;
let store: TokenStore;

beforeEach(() => {
  clock = new VirtualClock();
  minter = new FakeTokenMinter(clock);
  results = [];
  log = new RecordedLog();
  store = new TokenStore({
    minter,
    clock,
    random: () => 0.5,
    log,
    measurements: {
      tokenRequested: (profile, result) => results.push(`${profile}:${result}`),
    },
  });
});

/** The need of a namespace whose Secret holds this token. */
function renewal(of: RegistryToken, change: Partial<TokenNeed> = {}): TokenNeed {
  return need({ notBefore: of.mintedAt, holdsLiveToken: of.expiresAt > clock.now(), ...change });
}

/** As the controller does: while the token is being minted, it asks again when that has ended. */
async function ask(required: TokenNeed): Promise<TokenAnswer> {
  const first = store.take(required);
  if (first.kind !== 'minting') return first;
  await first.settled;
  return store.take(required);
}

function tokenIn(taken: TokenAnswer): RegistryToken {
  if (taken.kind !== 'token') throw new Error(`no token: ${taken.kind}`);
  return taken.token;
}

async function tokenFor(required: TokenNeed): Promise<RegistryToken> {
  return tokenIn(await ask(required));
}

async function refusal(required: TokenNeed): Promise<NoToken> {
  const taken = await ask(required);
  if (taken.kind !== 'blocked') throw new Error(`not refused: ${taken.kind}`);
  return taken;
}

describe('TokenStore', () => {
  describe('sharing', () => {
    it('mints once for any number of namespaces that ask together', async () => {
      minter.hang();
      const answers = Array.from({ length: 200 }, () => ask(need()));
      await settle();
      minter.release();

      const tokens = (await Promise.all(answers)).map(tokenIn);

      expect(minter.calls).toHaveLength(1);
      expect(new Set(tokens).size).toBe(1);
      expect(results).toEqual(['default:success']);
    });

    it('returns the cached token to a new namespace', async () => {
      const first = await tokenFor(need());
      await clock.advance(5 * HOUR_MS);

      expect(store.take(need())).toEqual({ kind: 'token', token: first });
      expect(store.cached(identity)).toBe(first);
    });

    it('mints again for the first namespace that is due, and returns the same token to the others', async () => {
      const first = await tokenFor(need());
      await clock.advance(5 * HOUR_MS);

      const second = await tokenFor(renewal(first, { jitter: 0 }));
      await clock.advance(0.5 * HOUR_MS);

      expect(numberOf(second)).toBe(2);
      expect(tokenIn(store.take(renewal(first, { jitter: 0.9 })))).toBe(second);
      expect(minter.calls).toHaveLength(2);
    });

    it('replaces no token by one that expires earlier, whichever clock says that it is newer', async () => {
      const first = await tokenFor(need());
      await clock.advance(HOUR_MS);
      // From another process, whose clock is two hours behind.
      const dated = {
        notBefore: new Date(first.mintedAt.getTime() - 2 * HOUR_MS),
        notOutlivedBy: new Date(first.expiresAt.getTime() + HOUR_MS / 2),
        holdsLiveToken: true,
      };

      expect(numberOf(await tokenFor(need(dated)))).toBe(2);
    });

    it('does not mistake a token for a newer one because its date is in the future of a clock that went back', async () => {
      const first = await tokenFor(need());
      await clock.advance(HOUR_MS / 3);
      const backMs = HOUR_MS / 3 + 30_000;
      clock.jump(-backMs);
      minter.skewMs = backMs;
      const later = new Date(first.expiresAt.getTime() + HOUR_MS / 4);

      const token = await tokenFor(need({ notOutlivedBy: later, holdsLiveToken: true }));
      expect(numberOf(token)).toBe(2);
    });

    it('returns the same token that is already in the Secret', async () => {
      const first = await tokenFor(need());

      const required = renewal(first, { notOutlivedBy: first.expiresAt });
      expect(tokenIn(store.take(required))).toBe(first);
    });

    it('treats the last minted token as the newest, however short its lifetime', async () => {
      const first = await tokenFor(need());
      await clock.advance(8 * HOUR_MS);
      minter.lifeMs = 6 * HOUR_MS;
      const longLived = new Date(first.expiresAt.getTime() + 12 * HOUR_MS);

      const second = await tokenFor(renewal(first, { notOutlivedBy: longLived }));
      expect(numberOf(second)).toBe(2);
    });

    it('counts a mint for the profile that asked', async () => {
      await tokenFor(need({ profile: 'team-a' }));

      expect(results).toEqual(['team-a:success']);
    });
  });

  describe('while a token is being minted', () => {
    it('says so at once to every caller that needs it, and when it has ended', async () => {
      minter.hang();
      const answers = [need(), need({ profile: 'team-a' })].map((required) => store.take(required));
      const ended: string[] = [];
      for (const answer of answers) {
        expect(answer).toMatchObject({ kind: 'minting', failure: undefined });
        if (answer.kind === 'minting') void answer.settled.then(() => ended.push('ended'));
      }
      await settle();
      expect(ended).toEqual([]);
      minter.release();
      await settle();

      expect(ended).toEqual(['ended', 'ended']);
      expect(store.take(need()).kind).toBe('token');
      expect(minter.calls).toHaveLength(1);
    });

    it('has ended by the time that it names', async () => {
      await clock.advance(3_000);
      minter.hang();
      const answer = store.take(need());

      expect(answer).toMatchObject({ until: new Date(clock.now().getTime() + 10_000) });
      await clock.advance(10_000);
      expect(minter.inFlight).toBe(0);
    });

    it('still returns the cached token if that will do', async () => {
      const first = await tokenFor(need());
      await clock.advance(5 * HOUR_MS);
      minter.hang();

      expect(store.take(renewal(first, { jitter: 0 })).kind).toBe('minting');
      expect(tokenIn(store.take(renewal(first, { jitter: 0.9 })))).toBe(first);
    });

    it('also notifies a caller that starts to wait after it has ended', async () => {
      const answer = store.take(need());
      await settle();
      if (answer.kind !== 'minting') throw new Error(answer.kind);

      await expect(answer.settled).resolves.toBeUndefined();
    });
  });

  describe('requests for a newer token', () => {
    it('satisfies requests on every namespace with one mint', async () => {
      await tokenFor(need());
      await clock.advance(HOUR_MS);
      const requested = need({
        notBefore: new Date(clock.now().getTime() - 60_000),
        holdsLiveToken: true,
      });

      const second = await tokenFor(requested);
      await clock.advance(30_000);

      expect(numberOf(second)).toBe(2);
      expect(tokenIn(store.take(requested))).toBe(second);
    });

    it('never mints twice for one identity within 10 s', async () => {
      await tokenFor(need());
      await clock.advance(4_000);

      const blocked = store.take(need({ notBefore: clock.now(), holdsLiveToken: true }));

      const until = new Date(clock.now().getTime() + 6_000);
      expect(blocked).toEqual({ kind: 'blocked', until, failure: undefined });
      await clock.advance(6_000);
      expect(numberOf(await tokenFor(need({ notBefore: clock.now() })))).toBe(2);
    });

    it('does not loop for a caller that joined a mint whose token does not satisfy it', async () => {
      minter.hang();
      const first = ask(need());
      await clock.advance(3_000);
      const joiner = refusal(need({ notBefore: clock.now(), holdsLiveToken: true }));
      await settle();
      minter.release();

      await first;
      expect((await joiner).until > clock.now()).toBe(true);
      expect(minter.calls).toHaveLength(1);
    });

    it('blames a date in the future on a clock that went back, and does not mint for every namespace', async () => {
      const future = new Date(clock.now().getTime() + HOUR_MS);
      const first = await tokenFor(need({ notBefore: future, holdsLiveToken: true }));
      await clock.advance(5_000);

      expect(tokenIn(store.take(need({ notBefore: future, holdsLiveToken: true })))).toBe(first);
    });
  });

  describe('failures', () => {
    const denied = new StalledError("can't mint an ECR token in eu-west-1: denied; do this", {
      code: 'ECR_ACCESS_DENIED',
      eventReason: 'TokenRequestDenied',
    });

    it('returns the last failure to every caller during the back-off, without another call', async () => {
      minter.failNext(denied);
      const first = await refusal(need());
      const second = await refusal(need({ profile: 'team-a' }));

      for (const { failure } of [first, second]) expect(failure).toBe(denied);
      expect(minter.calls).toHaveLength(1);
      expect(results).toEqual(['default:denied']);
    });

    it('returns it also while the next attempt is under way, and no longer after a success', async () => {
      minter.failNext(denied);
      const { until } = await refusal(need());
      await clock.advance(until.getTime() - clock.now().getTime());
      minter.hang();
      const meanwhile = store.take(need());
      minter.release();
      await settle();
      await clock.advance(12 * HOUR_MS);
      minter.hang();

      expect(meanwhile).toMatchObject({ kind: 'minting', failure: denied });
      expect(store.take(need())).toMatchObject({ kind: 'minting', failure: undefined });
      expect(results).toEqual(['default:denied', 'default:success']);
    });

    it.each([24 * HOUR_MS, -24 * HOUR_MS])(
      'waits as long after a failure if the clock jumps by %d ms',
      async (jumpMs) => {
        minter.failNext(denied, 5);
        for (let n = 0; n < 5; n++) {
          const { until } = await refusal(need());
          await clock.advance(until.getTime() - clock.now().getTime());
        }
        minter.failNext(denied);
        const { until } = await refusal(need());
        const waitMs = until.getTime() - clock.now().getTime();

        clock.jump(jumpMs);

        const now = clock.now().getTime();
        expect(store.take(need())).toMatchObject({
          kind: 'blocked',
          until: new Date(now + waitMs),
        });
        await clock.advance(waitMs);
        expect(store.take(need())).toMatchObject({ kind: 'minting' });
      },
    );

    it('waits for the attempt that is under way, even if the clock is set back before its time', async () => {
      minter.failNext(denied);
      const { until } = await refusal(need());
      await clock.advance(until.getTime() - clock.now().getTime());
      minter.hang();
      store.take(need());

      clock.jump(-500);

      expect(store.take(need({ profile: 'team-a' }))).toMatchObject({ kind: 'minting' });
    });

    it('waits longer after each failure, at most 60 s, and starts over after a success', async () => {
      minter.failNext(denied, 8);
      const waits: number[] = [];
      for (let n = 0; n < 8; n++) {
        const { until } = await refusal(need());
        waits.push(until.getTime() - clock.now().getTime());
        await clock.advance(waits.at(-1) ?? 0);
      }
      expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]);

      const token = await tokenFor(need());
      await clock.advance(6.6 * HOUR_MS);
      minter.failNext(denied);
      const { until } = await refusal(renewal(token));
      expect(until.getTime() - clock.now().getTime()).toBe(750);
    });

    it('never waits longer than a third of the remaining lifetime of the cached token', async () => {
      minter.lifeMs = 480_000;
      const token = await tokenFor(need());
      await clock.advance(240_000);
      minter.failNext(denied, 1_000);
      const pauses: { readonly waitMs: number; readonly leftMs: number }[] = [];
      while (token.expiresAt.getTime() - clock.now().getTime() > 10_000) {
        const leftMs = token.expiresAt.getTime() - clock.now().getTime();
        const { until } = await refusal(renewal(token, { jitter: 0 }));
        pauses.push({ waitMs: until.getTime() - clock.now().getTime(), leftMs });
        await clock.advance(pauses.at(-1)?.waitMs ?? 0);
      }

      expect(pauses.filter(({ waitMs, leftMs }) => waitMs > leftMs / 3)).toEqual([]);
    });

    it('count as failing until a token comes, or none has been requested for five minutes', async () => {
      const before = store.isFailing(identity);
      minter.failNext(denied, 2);
      await refusal(need());
      const failed = store.isFailing(identity);
      await clock.advance(5 * MINUTE_MS - 1);
      const requested = store.isFailing(identity);
      await clock.advance(1);
      const forgotten = store.isFailing(identity);
      await refusal(need());
      const failedAgain = store.isFailing(identity);
      await clock.advance(MINUTE_MS);
      await tokenFor(need());

      expect([before, failed, requested, forgotten]).toEqual([undefined, true, true, false]);
      expect([failedAgain, store.isFailing(identity)]).toEqual([true, false]);
      expect(store.isFailing(other.identity)).toBe(undefined);
    });

    it('gives up a mint that hangs after 10 s', async () => {
      minter.hang();
      const waiting = refusal(need());
      await clock.advance(10_000);

      expect((await waiting).failure).toMatchObject({
        code: 'ECR_TIMEOUT',
        eventReason: 'TokenRequestFailed',
      });
      expect(minter.inFlight).toBe(0);
      expect(results).toEqual(['default:timeout']);
      expect(clock.pending).toBe(0);
    });

    it('is logged as an error if a person must act, otherwise as a warning', async () => {
      minter.failNext(denied);
      await refusal(need());
      const whenDenied = log.lines.at(-1);
      await clock.advance(HOUR_MS);
      minter.hang();
      const waiting = refusal(need());
      await clock.advance(10_000);
      await waiting;

      const message = 'minting token failed';
      expect(whenDenied).toMatchObject({ level: 'error', message });
      expect(log.lines.at(-1)).toMatchObject({ level: 'warn', message });
    });

    it('is logged once while it lasts, again every five minutes, and again after a success', async () => {
      const logged = () =>
        log.lines.filter(({ message }) => message === 'minting token failed').length;
      const failFor = async (durationMs: number) => {
        for (let passedMs = 0; passedMs < durationMs; passedMs += MINUTE_MS) {
          await refusal(need());
          await clock.advance(MINUTE_MS);
        }
      };
      minter.failNext(denied, 100);
      await failFor(5 * MINUTE_MS);
      expect(logged()).toBe(1);
      await failFor(5 * MINUTE_MS);
      expect(logged()).toBe(2);
      await failFor(MINUTE_MS);
      expect(logged()).toBe(3);

      minter.heal();
      await tokenFor(need());
      await clock.advance(MINUTE_MS);
      minter.failNext(denied);
      await refusal(need({ notBefore: clock.now(), holdsLiveToken: true }));

      expect(logged()).toBe(4);
    });

    it('does not repeat the text of an unknown error', async () => {
      minter.failNext(new TypeError('canary-of-a-token'));

      const { failure } = await refusal(need());

      expect(failure?.code).toBe('TOKEN_REQUEST_BROKEN');
      expect(failure?.message).toContain('TypeError');
      expect(JSON.stringify(log.lines) + failure?.message).not.toContain('canary');
    });

    it('still returns the cached token for a Secret without a live token, due or not', async () => {
      const first = await tokenFor(need());
      await clock.advance(7 * HOUR_MS);
      minter.failNext(denied, 2);

      await refusal(renewal(first));

      expect(tokenIn(store.take(need()))).toBe(first);
    });

    it('never returns an expired token', async () => {
      const first = await tokenFor(need());
      await clock.advance(12 * HOUR_MS);
      minter.failNext(denied);

      await refusal(renewal(first));

      expect(store.cached(identity)).toBeUndefined();
    });

    it('keeps no caller waiting if the counters themselves fail', async () => {
      const broken = new TokenStore({
        minter,
        clock,
        random: () => 0.5,
        log: { debug() {}, info() {}, warn() {}, error: (_, message) => results.push(message) },
        measurements: {
          tokenRequested: () => {
            throw new TypeError('a fault of ours');
          },
        },
      });
      const answer = broken.take(need());
      if (answer.kind !== 'minting') throw new Error(answer.kind);

      await expect(answer.settled).resolves.toBeUndefined();
      expect(results).toEqual(['mint ended with a program fault']);
      expect(broken.take(need()).kind).toBe('token');
    });
  });

  describe('an expiry that cannot be trusted', () => {
    beforeEach(() => {
      minter.expiryTrusted = false;
      minter.lifeMs = HOUR_MS;
    });

    it('is used only for a Secret without a live token', async () => {
      const { failure } = await refusal(need({ holdsLiveToken: true }));
      const token = await tokenFor(need());

      expect(failure?.code).toBe('ECR_UNTRUSTED_EXPIRY');
      expect(numberOf(token)).toBe(1);
      expect(minter.calls).toHaveLength(1);
      expect(results).toEqual(['default:untrusted_expiry']);
      expect(log.lines.at(-1)?.message).toBe('minting token failed');
    });

    it('is also one that is not later than that of the previous live token', async () => {
      minter.expiryTrusted = true;
      minter.lifeMs = 12 * HOUR_MS;
      const first = await tokenFor(need());
      minter.lifeMs = HOUR_MS;
      await clock.advance(7 * HOUR_MS);

      const { failure } = await refusal(renewal(first));
      expect(failure?.code).toBe('ECR_UNTRUSTED_EXPIRY');

      await clock.advance(4.5 * HOUR_MS);
      expect(numberOf(await tokenFor(renewal(first)))).toBe(3);
    });
  });

  describe('stopping', () => {
    it('ignores a token that arrives afterwards, and counts no failure', async () => {
      minter.mint = async () => {
        await new Promise<void>((resolve) => {
          clock.after(1_000, resolve);
        });
        throw new Error('an answer that nobody waits for');
      };
      store.take(need());
      store.stop();
      await clock.advance(2_000);

      expect(results).toEqual([]);
      expect(log.lines).toEqual([]);
      expect(store.cached(identity)).toBeUndefined();
      expect(store.isFailing(identity)).toBeUndefined();
    });

    it('still returns its cached tokens', async () => {
      const token = await tokenFor(need());
      store.stop();

      expect(tokenIn(store.take(need()))).toBe(token);
    });
  });

  describe('an identity that is no longer configured', () => {
    it('is forgotten, with its token, its back-off, and what the minter keeps', async () => {
      const forgotten: string[] = [];
      Object.assign(minter, { forget: (hash: string) => forgotten.push(hash) });
      await tokenFor(need());
      minter.failNext(new TransientError('no', { code: 'ECR_FAILED' }));
      await refusal(need({ login: other }));

      store.keepOnly(new Set([need().login.identity.hash]));
      expect(store.cached(need().login.identity)).toBeDefined();
      expect(store.isFailing(other.identity)).toBeUndefined();
      store.keepOnly(new Set());

      expect(store.cached(need().login.identity)).toBeUndefined();
      expect(forgotten).toEqual([other.identity.hash, need().login.identity.hash]);
      expect(numberOf(await tokenFor(need()))).toBe(3);
    });

    it('is forgotten only when its mint has ended', async () => {
      minter.hang();
      store.take(need());
      store.keepOnly(new Set());
      minter.release();
      await settle();
      expect(store.cached(need().login.identity)).toBeDefined();

      store.keepOnly(new Set());
      expect(store.cached(need().login.identity)).toBeUndefined();
    });
  });

  it('names no token in any log line', async () => {
    const token = await tokenFor(need());

    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain(token.authorization.reveal());
  });
});
