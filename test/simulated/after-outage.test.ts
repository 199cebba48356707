/** The whole controller over the simulator: who has no live token is served within seconds of AWS's return. */
import { describe, expect, it } from '@jest/globals';
import type { TokenMinter } from '../../src/controller/ports/token-minter.ts';
import { StalledError, TransientError } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../support/values/builders.ts';
import { HOST } from '../support/values/config-text.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';

const SECOND_MS = 1_000;
const ROLE = 'arn:aws:iam::222222222222:role/puller';
const TWO_PROFILES = `profiles:
  default: {registries: [${HOST}]}
  other: {registries: [${HOST.replace('123456789012', '222222222222')}], assumeRole: {roleArn: "${ROLE}"}, allowedNamespaces: {names: ["*"]}}
`;
const PROFILES = 'ecr-pull-secrets.io/profiles';
/** How an outage looks from here, and within what time of its end everybody must be served. */
const OUTAGES = [
  ['answers with errors', 6 * SECOND_MS],
  ['swallows calls', 16 * SECOND_MS],
] as const;
type Outage = (typeof OUTAGES)[number][0];

let world: SimulatedWorld;
let aws: FailingAws;
openWorlds((opened) => {
  world = opened;
  aws = new FailingAws();
});

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `team-${n}`);
}

/** What was swallowed is not answered when AWS is back. */
class FailingAws implements TokenMinter {
  outage: Outage | 'denies' | undefined;
  /** For identities with an assumed role only. */
  isOfRoles = false;
  /** When each call began, by identity. */
  readonly calls = new Map<string, number[]>();

  async mint(...[identity, signal]: Parameters<TokenMinter['mint']>) {
    const calls = this.calls.get(identity.hash) ?? [];
    this.calls.set(identity.hash, [...calls, world.clock.monotonicMs()]);
    const isAffected = !this.isOfRoles || identity.assumeRole.length > 0;
    if (!isAffected || this.outage === undefined) return world.minter.mint(identity, signal);
    if (this.outage === 'denies') {
      throw new StalledError('denied', {
        code: 'ECR_ACCESS_DENIED',
        eventReason: 'TokenRequestDenied',
      });
    }
    if (this.outage === 'answers with errors') {
      throw new TransientError('AWS is down', {
        code: 'ECR_DOWN',
        eventReason: 'TokenRequestFailed',
      });
    }
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}

/** How many calls there were since then, of the identity with the most. */
function mostCallsSince(sinceMs: number): number {
  return Math.max(
    ...[...aws.calls.values()].map((times) => times.filter((atMs) => atMs >= sinceMs).length),
  );
}

/** How long these namespaces take to become ready, in steps of 100 ms. */
async function readyAfterMs(teams: readonly string[]): Promise<number> {
  for (let waitedMs = 0; waitedMs < 2 * MINUTE_MS; waitedMs += 100) {
    if (world.unready(teams).length === 0) return waitedMs;
    await world.clock.advance(100);
  }
  return Infinity;
}

describe.each(OUTAGES)(
  'when AWS %s and is back, a namespace without a live token',
  (kind, limitMs) => {
    // After different times: the last call may just have begun, or the next one be about to.
    it.each([
      [1, 2 * MINUTE_MS],
      [1, 2 * MINUTE_MS + 4_900],
      [50, MINUTE_MS + 2_400],
      [400, MINUTE_MS + 9_900],
    ])('is served in time, as one of %i, after %i ms', async (count, lengthMs) => {
      aws.outage = kind;
      await world.run({ minter: aws });
      world.optIn(...names(count));
      await world.clock.advance(lengthMs);
      aws.outage = undefined;

      expect(await readyAfterMs(names(count))).toBeLessThanOrEqual(limitMs);
    });

    it('costs at most one call every five seconds', async () => {
      aws.outage = kind;
      await world.run({ minter: aws });
      world.optIn(...names(3));
      await world.clock.advance(MINUTE_MS);
      const sinceMs = world.clock.monotonicMs();
      await world.clock.advance(10 * MINUTE_MS);

      expect(mostCallsSince(sinceMs)).toBeLessThanOrEqual((10 * MINUTE_MS) / (5 * SECOND_MS));
    });

    it('is served in time although it arrives during the outage, or expires', async () => {
      world.minter.lifeMs = HOUR_MS / 2;
      await world.run({ minter: aws });
      world.optIn('old');
      await world.clock.advance(SECOND_MS);
      aws.outage = kind;
      await world.clock.advance(0.6 * HOUR_MS);
      world.optIn('late');
      await world.clock.advance(7_300);
      aws.outage = undefined;

      expect(await readyAfterMs(['old', 'late'])).toBeLessThanOrEqual(limitMs);
    });

    it('is served in time by a leader that began during the outage', async () => {
      aws.outage = kind;
      const first = await world.run({ minter: aws, reporter: 'pod-1' });
      world.optIn(...names(10));
      await world.clock.advance(2 * MINUTE_MS);
      await first.kill();
      await world.run({ minter: aws, reporter: 'pod-2' });
      await world.clock.advance(2 * MINUTE_MS + 700);
      aws.outage = undefined;

      expect(await readyAfterMs(names(10))).toBeLessThanOrEqual(limitMs);
    });

    it('of an identity that is well is not affected, and of the other one is served in time', async () => {
      aws.outage = kind;
      aws.isOfRoles = true;
      await world.run({ minter: aws, config: TWO_PROFILES });
      for (const name of names(5)) {
        world.kubectl.createNamespace(name, {
          'ecr-pull-secrets.io/enabled': 'true',
          [PROFILES]: 'other',
        });
      }
      await world.clock.advance(10 * MINUTE_MS);
      world.optIn('well');
      expect(await readyAfterMs(['well'])).toBeLessThanOrEqual(2 * SECOND_MS);
      const sinceMs = world.clock.monotonicMs();
      await world.clock.advance(10 * MINUTE_MS);
      expect(mostCallsSince(sinceMs)).toBeLessThanOrEqual((10 * MINUTE_MS) / (5 * SECOND_MS));

      aws.outage = undefined;
      expect(await readyAfterMs(names(5))).toBeLessThanOrEqual(limitMs);
    });

    it('comes before two hundred that have hours left', async () => {
      world.minter.lifeMs = HOUR_MS;
      const config = 'kubernetes: {qps: 20, burst: 20}';
      const first = await world.run({ minter: aws, config, reporter: 'pod-1' });
      world.optIn(...names(200));
      await world.clock.advance(2 * MINUTE_MS);
      aws.outage = kind;
      // All are due, and none has expired; the new leader has no token at hand.
      await world.clock.advance(35 * MINUTE_MS);
      await first.kill();
      await world.run({ minter: aws, config, reporter: 'pod-2' });
      world.optIn('new');
      await world.clock.advance(MINUTE_MS);
      aws.outage = undefined;

      expect(await readyAfterMs(['new'])).toBeLessThanOrEqual(limitMs);
    });
  },
);

it('an identity that is denied is asked at most twice a minute, whoever waits', async () => {
  aws.outage = 'denies';
  await world.run({ minter: aws });
  world.optIn(...names(5));
  await world.clock.advance(10 * MINUTE_MS);
  const sinceMs = world.clock.monotonicMs();
  await world.clock.advance(20 * MINUTE_MS);

  expect(mostCallsSince(sinceMs)).toBeLessThanOrEqual(2 * 20);
});

it('while nobody is without a token, an outage costs at most two calls a minute', async () => {
  world.minter.lifeMs = 12 * HOUR_MS;
  await world.run({ minter: aws });
  world.optIn(...names(10));
  await world.clock.advance(4 * HOUR_MS);
  aws.outage = 'answers with errors';
  world.kubectl.annotate(
    { kind: 'Namespace', name: 'team-0' },
    { 'ecr-pull-secrets.io/refresh-requested-at': '1' },
  );
  await world.clock.advance(10 * MINUTE_MS);
  const sinceMs = world.clock.monotonicMs();
  await world.clock.advance(20 * MINUTE_MS);

  expect(mostCallsSince(sinceMs)).toBeLessThanOrEqual(2 * 20);
});
