import { beforeEach, describe, expect, it } from '@jest/globals';
import { anIdentity } from '../../support/builders.ts';
import type { TokenNeed } from '../../../src/controller/token-need.ts';
import { TokenStore } from '../../../src/controller/token-store.ts';
import { StalledError, TransientError, WaitingError } from '../../../src/domain/errors.ts';
import type { RegistryToken } from '../../../src/domain/registry-token.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { FakeTokenMinter } from '../../support/fake-token-minter.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const numberOf = (token: RegistryToken): number => FakeTokenMinter.numberOf(token);

let clock: FakeClock;
let minter: FakeTokenMinter;
let results: string[];
let logged: { readonly level: string; readonly fields: object; readonly message: string }[];
let store: TokenStore;

beforeEach(() => {
  clock = new FakeClock();
  minter = new FakeTokenMinter(clock);
  results = [];
  logged = [];
  const record = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message });
  };
  store = new TokenStore({
    minter,
    clock,
    random: () => 0.5,
    log: {
      debug: record('debug'),
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
    },
    measurements: {
      tokenRequested: (profile, result) => results.push(`${profile}:${result}`),
    },
  });
});

function need(change: Partial<TokenNeed> = {}): TokenNeed {
  return {
    identity: anIdentity('default', { hash: 'a'.repeat(64) }),
    profile: 'default',
    jitter: 0.5,
    refresh: { atLifetimeFraction: 0.5, jitterFraction: 0.1 },
    notBefore: undefined,
    holdsLiveToken: false,
    ...change,
  };
}

/** The need of a namespace whose Secret holds this token. */
function renewal(of: RegistryToken, change: Partial<TokenNeed> = {}): TokenNeed {
  return need({ notBefore: of.mintedAt, holdsLiveToken: of.expiresAt > clock.now(), ...change });
}

async function refusal(wanted: TokenNeed): Promise<WaitingError> {
  const error: unknown = await store.obtain(wanted, never).catch((reason: unknown) => reason);
  if (error instanceof WaitingError) return error;
  throw new Error('not refused', { cause: error });
}

describe('TokenStore', () => {
  describe('sharing', () => {
    it('mints once for any number of namespaces that ask together', async () => {
      minter.hang();
      const asked = Array.from({ length: 200 }, () => store.obtain(need(), never));
      await settle();
      minter.release();

      const tokens = await Promise.all(asked);

      expect(minter.calls).toHaveLength(1);
      expect(new Set(tokens).size).toBe(1);
      expect(results).toEqual(['default:success']);
    });

    it('gives a newcomer the held token', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(5 * HOUR_MS);

      expect(await store.obtain(need(), never)).toBe(first);
      expect(store.held(need().identity)).toBe(first);
    });

    it('mints anew for the first namespace that is due, and gives the others what it got', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(6 * HOUR_MS);

      const second = await store.obtain(renewal(first, { jitter: 0 }), never);
      await clock.advance(0.5 * HOUR_MS);

      expect(numberOf(second)).toBe(2);
      expect(await store.obtain(renewal(first, { jitter: 0.9 }), never)).toBe(second);
      expect(minter.calls).toHaveLength(2);
    });

    it('puts no token in the place of one that expires later, whichever clock says that it is newer', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(HOUR_MS);
      // Of another process, whose clock is two hours behind.
      const dated = {
        notBefore: new Date(first.mintedAt.getTime() - 2 * HOUR_MS),
        notOutlivedBy: new Date(first.expiresAt.getTime() + HOUR_MS / 2),
        holdsLiveToken: true,
      };

      expect(numberOf(await store.obtain(need(dated), never))).toBe(2);
    });

    it('takes no token for a new one because its date lies in the future of a clock that went back', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(HOUR_MS / 3);
      const backMs = HOUR_MS / 3 + 30_000;
      clock.jump(-backMs);
      minter.skewMs = backMs;
      const later = new Date(first.expiresAt.getTime() + HOUR_MS / 4);

      for (const dated of [{ notOutlivedBy: later }, { outlives: later }]) {
        const token = await store.obtain(need({ ...dated, holdsLiveToken: true }), never);
        expect(numberOf(token)).toBeGreaterThan(1);
      }
    });

    it('gives back the very token that stands there already', async () => {
      const first = await store.obtain(need(), never);

      expect(await store.obtain(renewal(first, { notOutlivedBy: first.expiresAt }), never)).toBe(
        first,
      );
    });

    it('takes one that was just minted for the newest, however short its life', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(8 * HOUR_MS);
      minter.lifeMs = 6 * HOUR_MS;
      const longLived = new Date(first.expiresAt.getTime() + 12 * HOUR_MS);

      const second = await store.obtain(renewal(first, { notOutlivedBy: longLived }), never);
      expect(numberOf(second)).toBe(2);
    });

    it('keeps identities apart', async () => {
      const other = anIdentity('default', { hash: 'b'.repeat(64), region: 'us-east-1' });
      await store.obtain(need(), never);

      expect((await store.obtain(need({ identity: other }), never)).identity).toBe(other);
      expect(minter.calls).toHaveLength(2);
    });

    it('counts a mint for the profile that asked', async () => {
      await store.obtain(need({ profile: 'team-a' }), never);

      expect(results).toEqual(['team-a:success']);
    });
  });

  describe('requests for a newer token', () => {
    it('satisfies requests on every namespace with one mint', async () => {
      await store.obtain(need(), never);
      await clock.advance(HOUR_MS);
      const requested = need({
        notBefore: new Date(clock.now().getTime() - 60_000),
        holdsLiveToken: true,
      });

      const second = await store.obtain(requested, never);
      await clock.advance(30_000);

      expect(numberOf(second)).toBe(2);
      expect(await store.obtain(requested, never)).toBe(second);
    });

    it('never mints twice for one identity within 10 s', async () => {
      await store.obtain(need(), never);
      await clock.advance(4_000);

      const error = await refusal(need({ notBefore: clock.now(), holdsLiveToken: true }));

      expect(error.until).toEqual(new Date(clock.now().getTime() + 6_000));
      await clock.advance(6_000);
      expect(numberOf(await store.obtain(need({ notBefore: clock.now() }), never))).toBe(2);
    });

    it('does not loop for one who joined a mint whose token does not do', async () => {
      minter.hang();
      const first = store.obtain(need(), never);
      await clock.advance(3_000);
      const joiner = refusal(need({ notBefore: clock.now(), holdsLiveToken: true }));
      await settle();
      minter.release();

      await first;
      expect((await joiner).until > clock.now()).toBe(true);
      expect(minter.calls).toHaveLength(1);
    });

    it('takes a date from the future for a clock that went back, not for a reason to mint for everybody', async () => {
      const future = new Date(clock.now().getTime() + HOUR_MS);
      const first = await store.obtain(need({ notBefore: future, holdsLiveToken: true }), never);
      await clock.advance(5_000);

      expect(await store.obtain(need({ notBefore: future, holdsLiveToken: true }), never)).toBe(
        first,
      );
    });
  });

  describe('failures', () => {
    const denied = new StalledError('minting ECR token in eu-west-1: denied; do this', {
      code: 'ECR_ACCESS_DENIED',
      eventReason: 'TokenRequestDenied',
    });

    it('tells everybody the last failure during the back-off, without another call', async () => {
      minter.failNext(denied);
      const first = await refusal(need());
      const second = await refusal(need({ profile: 'team-a' }));

      for (const error of [first, second]) {
        expect(error).toMatchObject({
          message: denied.message,
          code: 'ECR_ACCESS_DENIED',
          eventReason: 'TokenRequestDenied',
          cause: denied,
        });
      }
      expect(minter.calls).toHaveLength(1);
      expect(results).toEqual(['default:denied']);
    });

    it('waits longer after each failure, at most 60 s, and from the start after a success', async () => {
      minter.failNext(denied, 8);
      const waits: number[] = [];
      for (let n = 0; n < 8; n++) {
        const { until } = await refusal(need());
        waits.push(until.getTime() - clock.now().getTime());
        await clock.advance(waits.at(-1) ?? 0);
      }
      expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]);

      const token = await store.obtain(need(), never);
      await clock.advance(6.6 * HOUR_MS);
      minter.failNext(denied);
      const { until } = await refusal(renewal(token));
      expect(until.getTime() - clock.now().getTime()).toBe(750);
    });

    it('never waits longer than a third of what is left of the held token', async () => {
      minter.lifeMs = 480_000;
      const token = await store.obtain(need(), never);
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

    it('count as failing until a token comes, or nobody has asked for one for five minutes', async () => {
      const identity = anIdentity('default', { hash: 'a'.repeat(64) });
      const before = store.isFailing(identity);
      minter.failNext(denied, 2);
      await refusal(need());
      const failed = store.isFailing(identity);
      await clock.advance(5 * MINUTE_MS - 1);
      const wanted = store.isFailing(identity);
      await clock.advance(1);
      const forgotten = store.isFailing(identity);
      await refusal(need());
      const failedAgain = store.isFailing(identity);
      await clock.advance(MINUTE_MS);
      await store.obtain(need(), never);

      expect([before, failed, wanted, forgotten]).toEqual([undefined, true, true, false]);
      expect([failedAgain, store.isFailing(identity)]).toEqual([true, false]);
      expect(store.isFailing(anIdentity('other', { hash: 'b'.repeat(64) }))).toBe(undefined);
    });

    it('gives up a mint that hangs after 10 s', async () => {
      minter.hang();
      const waiting = refusal(need());
      await clock.advance(10_000);

      expect(await waiting).toMatchObject({
        code: 'ECR_TIMEOUT',
        eventReason: 'TokenRequestFailed',
      });
      expect(minter.inFlight).toBe(0);
      expect(results).toEqual(['default:timeout']);
      expect(clock.pending).toBe(0);
    });

    it('is logged as an error where a person must act, else as a warning', async () => {
      minter.failNext(denied);
      await refusal(need());
      const whenDenied = logged.at(-1);
      await clock.advance(HOUR_MS);
      minter.hang();
      const waiting = refusal(need());
      await clock.advance(10_000);
      await waiting;

      const message = 'minting token failed';
      expect(whenDenied).toMatchObject({ level: 'error', message });
      expect(logged.at(-1)).toMatchObject({ level: 'warn', message });
    });

    it('is told once while it goes on, again every five minutes, and anew after a success', async () => {
      const told = () => logged.filter(({ message }) => message === 'minting token failed').length;
      const failFor = async (durationMs: number) => {
        for (let passedMs = 0; passedMs < durationMs; passedMs += MINUTE_MS) {
          await refusal(need());
          await clock.advance(MINUTE_MS);
        }
      };
      minter.failNext(denied, 100);
      await failFor(5 * MINUTE_MS);
      expect(told()).toBe(1);
      await failFor(5 * MINUTE_MS);
      expect(told()).toBe(2);

      minter.heal();
      await store.obtain(need(), never);
      await clock.advance(13 * HOUR_MS);
      minter.failNext(denied);
      await refusal(need());

      expect(told()).toBe(3);
    });

    it('does not repeat the text of an error that nobody knows', async () => {
      minter.failNext(new TypeError('canary-of-a-token'));

      const error = await refusal(need());

      expect(error.code).toBe('TOKEN_REQUEST_BROKEN');
      expect(error.message).toContain('TypeError');
      expect(JSON.stringify(logged) + error.message).not.toContain('canary');
    });

    it('still gives a Secret without a live token the held one, due or not', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(7 * HOUR_MS);
      minter.failNext(denied, 2);

      await refusal(renewal(first));

      expect(await store.obtain(need(), never)).toBe(first);
    });

    it('never gives an expired token', async () => {
      const first = await store.obtain(need(), never);
      await clock.advance(12 * HOUR_MS);
      minter.failNext(denied);

      await refusal(renewal(first));

      expect(store.held(need().identity)).toBeUndefined();
    });

    it('mints again at once where a pause is from before the clock was set back', async () => {
      minter.failNext(denied);
      await refusal(need());
      clock.jump(-HOUR_MS);

      expect(numberOf(await store.obtain(need(), never))).toBe(2);
    });
  });

  describe('an expiry that cannot be trusted', () => {
    beforeEach(() => {
      minter.expiryTrusted = false;
      minter.lifeMs = HOUR_MS;
    });

    it('goes to a Secret without a live token, and to no other', async () => {
      const error = await refusal(need({ holdsLiveToken: true }));
      const token = await store.obtain(need(), never);

      expect(error.code).toBe('ECR_UNTRUSTED_EXPIRY');
      expect(numberOf(token)).toBe(1);
      expect(minter.calls).toHaveLength(1);
      expect(results).toEqual(['default:untrusted_expiry']);
      expect(logged.at(-1)?.message).toBe('minting token failed');
    });

    it('does not displace a live one that was believed', async () => {
      minter.expiryTrusted = true;
      minter.lifeMs = 12 * HOUR_MS;
      const first = await store.obtain(need(), never);
      minter.expiryTrusted = false;
      await clock.advance(7 * HOUR_MS);

      await refusal(renewal(first));

      expect(store.held(need().identity)).toBe(first);
    });

    it('is also one that is not later than that of the live token before it', async () => {
      minter.expiryTrusted = true;
      minter.lifeMs = 12 * HOUR_MS;
      const first = await store.obtain(need(), never);
      minter.lifeMs = HOUR_MS;
      await clock.advance(7 * HOUR_MS);

      const error = await refusal(renewal(first));
      expect(error.code).toBe('ECR_UNTRUSTED_EXPIRY');

      await clock.advance(4.5 * HOUR_MS);
      expect(numberOf(await store.obtain(renewal(first), never))).toBe(3);
    });
  });

  describe('stopping', () => {
    it('lets one caller go without ending the mint of the others', async () => {
      minter.hang();
      const impatient = new AbortController();
      const leaving = store.obtain(need(), impatient.signal).catch((error: unknown) => error);
      const staying = store.obtain(need(), never);
      await settle();
      impatient.abort();
      expect(await leaving).toBeInstanceOf(TransientError);
      minter.release();

      expect(numberOf(await staying)).toBe(1);
      expect(minter.calls).toHaveLength(1);
    });

    it('ends the mint in flight when it is stopped itself, and mints no more', async () => {
      minter.hang();
      const waiting = store.obtain(need(), never).catch((error: unknown) => error);
      await settle();
      store.stop();

      expect(await waiting).toMatchObject({ code: 'ABORTED' });
      await settle();
      expect(minter.inFlight).toBe(0);
      expect(clock.pending).toBe(0);
      await expect(store.obtain(need(), never)).rejects.toMatchObject({ code: 'ABORTED' });
      expect(minter.calls).toHaveLength(1);
    });
  });

  it('names no token in any log line', async () => {
    const token = await store.obtain(need(), never);

    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(token.authorization.reveal());
  });
});
