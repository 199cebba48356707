/** The whole controller over the simulator: a failure blocks nothing else, and is retried with back-off. */
import { describe, expect, it } from '@jest/globals';
import type { ControllerDependencies } from '../../src/controller/controller.ts';
import { LABELS } from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { FaultEffect } from '../../simulator/faults.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { RecordedMeasurements } from '../support/ports/recorded-measurements.ts';
import { refusal } from '../support/ports/scripted-wire.ts';
import { type SimulatedWorld, writesTo } from '../support/simulated/simulated-world.ts';

const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const ACCOUNT = { kind: 'ServiceAccount', namespace: 'team', name: 'default' } as const;
const EMPTIED = { data: { '.dockerconfigjson': btoa('{"auths":{}}') } };
const SERVER_ERROR: FaultEffect = { kind: 'answer', status: 500, body: {} };
const PROGRAM_FAULT = 'step failed with a program fault';

function refusing(...words: Parameters<typeof refusal>): FaultEffect {
  const { status = 500, body } = refusal(...words);
  return { kind: 'answer', status, body };
}

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** The next of our writes to this part fail; the returned function ends that. */
function hit(part: string, effect: FaultEffect, times = Infinity): () => void {
  return world.simulator.faults.add({ effect, times, match: writesTo(part) });
}

describe('a step that fails', () => {
  it('blocks neither the Secret nor other ServiceAccounts, and is reported', async () => {
    world.optIn('team');
    world.kubectl.createServiceAccount('team', 'app');
    const message = 'admission webhook "w" denied the request: no';
    const lift = hit('/serviceaccounts/app', refusing(403, 'Forbidden', { message }));
    await world.run();

    expect(world.unready(['team'])).toEqual([]);
    expect(world.references('team', 'app')).toEqual([]);
    expect(world.reasons('team')).toContain('WriteRefused');

    lift();
    world.ignoreViolations(': 403');
    await world.clock.advance(MINUTE_MS);
    expect(world.references('team', 'app')).toEqual([SECRET_NAME]);
  });

  it('for lack of a token leaves every Secret unchanged until there is one', async () => {
    const names = Array.from({ length: 10 }, (_, n) => `team-${n}`);
    world.optIn(...names);
    const first = await world.run();
    await first.stop();
    await world.clock.advance(6 * HOUR_MS);
    world.minter.failNext(new TransientError('minting: 503', { code: 'ECR_FAILED' }), 1_000);
    const writes = world.watchWrites();
    await world.run();
    await world.clock.advance(30 * MINUTE_MS);
    expect(writes()).toEqual([]);

    world.minter.heal();
    await world.clock.advance(90_000);
    expect(writes()).toHaveLength(names.length);
    expect(new Set(names.map((name) => world.tokenNumber(name)))).not.toContain(1);
  });

  it('counts as a trouble until it succeeds', async () => {
    world.optIn('team');
    const message = 'secrets "ecr-pull-secret" is forbidden: exceeded quota: q';
    const lift = hit('/secrets/', refusing(403, 'Forbidden', { message }));
    const run = await world.run();
    expect((await run.readState())?.stalledNamespaces).toEqual(new Map([['QuotaExceeded', 1]]));

    lift();
    world.ignoreViolations(': 403');
    await world.clock.advance(MINUTE_MS);
    expect((await run.readState())?.stalledNamespaces).toEqual(new Map());
    expect(run.log.messages('info')).toContain('namespace has recovered');
  });

  it.each<[string, FaultEffect]>([
    ['a conflict', refusing(409, 'Conflict')],
    ['a server error', SERVER_ERROR],
    ['a lost connection', { kind: 'refuse' }],
  ])('because of %s is not reported, since it passes by itself', async (_, effect) => {
    world.optIn('team');
    hit('/secrets/', effect, 1);
    const run = await world.run();

    expect(world.unready(['team'])).toEqual([]);
    expect(world.reasons('team')).toEqual(['PullSecretCreated']);
    expect(run.log.messages('warn')).toEqual([]);
  });

  it('does not cancel a repair that the damper has deferred', async () => {
    world.optIn('team');
    await world.run();
    const detach = () => world.kubectl.patch(ACCOUNT, { imagePullSecrets: [] });
    for (let n = 0; n < 5; n += 1) {
      detach();
      await world.clock.advance(100);
    }
    expect(world.references('team')).toEqual([]);
    const causes = [{ field: 'type', message: 'field is immutable' }];
    hit('/secrets/', refusing(422, 'Invalid', { causes }));
    world.byPeople(() => world.kubectl.patch(SECRET, EMPTIED));
    await world.clock.advance(100);
    expect(world.reasons('team')).toContain('SecretTypeMismatch');

    await world.clock.advance(MINUTE_MS);
    expect(world.references('team')).toEqual([SECRET_NAME]);
  });

  it('counts towards the time until a namespace is ready, as the mint does', async () => {
    const run = await world.run();
    const ready = (what: string) => run.scrape(`namespace_ready_duration_seconds_${what}`);
    world.minter.hang();
    hit('/serviceaccounts/', SERVER_ERROR, 5);
    world.optIn('team');
    await world.clock.advance(3_000);
    expect(await ready('count')).toBe(0);

    world.minter.release();
    await world.clock.advance(MINUTE_MS);
    expect(await ready('count')).toBe(1);
    expect(await ready('sum')).toBeGreaterThanOrEqual(3);
    expect(await ready('sum')).toBeLessThan(7);
  });
});

describe('a loop that undoes us every second', () => {
  it.each([
    { part: '/serviceaccounts/', object: ACCOUNT, undone: { imagePullSecrets: [{ name: 'x' }] } },
    { part: '/secrets/', object: SECRET, undone: EMPTIED },
  ])(
    'gets three or four writes to $part, is reported and counted, and delays nobody else',
    async (war) => {
      world.optIn('team');
      const run = await world.run();
      const writes = world.watchWrites();
      for (let round = 0; round < 12; round += 1) {
        world.byPeople(() => world.kubectl.patch(war.object, war.undone));
        await world.clock.advance(1000);
      }
      world.optIn('bystander');
      await world.clock.advance(2000);

      // Three lost repairs; the very first write need not count as one.
      const lost = writes().filter((write) => write.includes(`/team${war.part}`));
      expect(lost.length).toBeGreaterThanOrEqual(3);
      expect(lost.length).toBeLessThanOrEqual(4);
      expect(world.kubectl.list('Event')).toContainEqual(
        expect.objectContaining({
          type: 'Warning',
          reason: 'AttachConflict',
          message: expect.stringContaining('undoing') as unknown,
        }),
      );
      expect((await run.readState())?.stalledNamespaces).toEqual(new Map([['AttachConflict', 1]]));
      expect(world.unready(['bystander'])).toEqual([]);
      expect(world.minter.calls).toHaveLength(1);
    },
  );
});

describe('retrying', () => {
  it('starts with a short delay again after a success', async () => {
    world.optIn('team');
    hit('/secrets/', SERVER_ERROR, 8);
    await world.run();
    await world.clock.advance(5 * MINUTE_MS);
    expect(world.unready(['team'])).toEqual([]);

    hit('/secrets/', SERVER_ERROR, 1);
    world.kubectl.delete(SECRET);
    await world.clock.advance(200);
    expect(world.unready(['team'])).toEqual([]);
  });
});

describe('a program fault', () => {
  /** The first three calls throw what a port must not throw. */
  function faulty<A extends readonly unknown[], R>(call: (...args: A) => R): (...args: A) => R {
    let left = 3;
    return (...args) => {
      left -= 1;
      if (left >= 0) throw new TypeError('a fault of ours');
      return call(...args);
    };
  }

  it('in a port does not end the loop', async () => {
    const plant = (parts: ControllerDependencies): ControllerDependencies => {
      const { pullSecrets, serviceAccounts } = parts;
      return {
        ...parts,
        pullSecrets: {
          ...pullSecrets,
          write: faulty(pullSecrets.write.bind(pullSecrets)),
          annotate: faulty(pullSecrets.annotate.bind(pullSecrets)),
        },
        serviceAccounts: {
          attach: faulty(serviceAccounts.attach.bind(serviceAccounts)),
          detach: serviceAccounts.detach.bind(serviceAccounts),
        },
      };
    };
    world.optIn('team');
    const run = await world.run({ plant });
    await world.clock.advance(5_000);
    expect(world.unready(['team'])).toEqual([]);

    world.kubectl.patch(SECRET, { metadata: { labels: null } });
    await world.clock.advance(5_000);
    expect(world.secret('team')?.metadata.labels).toHaveProperty([LABELS.managedBy]);
    expect(run.log.messages('error')).toEqual(Array.from({ length: 9 }, () => PROGRAM_FAULT));
  });

  it('in an unexpected place does not end the loop', async () => {
    class FaultyMeasurements extends RecordedMeasurements {
      left = 40;
      override reconciled(outcome: string): void {
        this.left -= 1;
        if (this.left >= 0) throw new TypeError('a fault of ours');
        super.reconciled(outcome);
      }
    }
    const measurements = new FaultyMeasurements();
    const names = Array.from({ length: 30 }, (_, n) => `team-${n}`);
    world.optIn(...names);
    await world.run({ plant: (parts) => ({ ...parts, measurements }) });
    await world.clock.advance(MINUTE_MS);
    expect(measurements.left).toBeLessThan(0);
    expect(world.unready(names)).toEqual([]);

    world.kubectl.delete({ ...SECRET, namespace: 'team-1' });
    await world.clock.advance(MINUTE_MS);
    expect(world.unready(names)).toEqual([]);
  });
});
