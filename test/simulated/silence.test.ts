/** Nothing fails in silence: what stays undone for minutes shows as an Event, a warning and a metric. */
import { describe, expect, it } from '@jest/globals';
import type { FaultEffect } from '../../simulator/faults.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';
import { MINUTE_MS } from '../support/values/builders.ts';

const BROKEN: FaultEffect = {
  kind: 'answer',
  status: 500,
  body: {
    kind: 'Status',
    status: 'Failure',
    reason: 'InternalError',
    message: 'failed calling webhook "kms.example": connection refused',
    code: 500,
  },
};
const teams = Array.from({ length: 20 }, (_, n) => `team-${n}`);

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** Makes all writes to these resources fail; returns how to end it. */
function breakWrites(to: 'secrets' | 'serviceaccounts', effect: FaultEffect): () => void {
  return world.simulator.faults.add({
    times: Infinity,
    effect,
    match: ({ method, path }) => method === 'PATCH' && path.includes(`/${to}/`),
  });
}

function messages(namespace: string): readonly string[] {
  return world.kubectl
    .list('Event')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map((event) => `${String(event['reason'])}: ${String(event['message'])}`);
}

async function warnings(run: SimulatedController): Promise<readonly (string | number)[]> {
  const stalled = await run.scrape('namespaces_stalled', { reason: 'WriteFailing' });
  return [
    run.log.messages('warn').filter((text) => text === 'namespace is stalled').length,
    stalled,
  ];
}

describe('if every write of a Secret', () => {
  it.each<[string, FaultEffect]>([
    ['answers 500', BROKEN],
    ['hangs', { kind: 'hang' }],
  ])(
    '%s, all who wait learn of it within three minutes, and are well a minute after the end',
    async (_, effect) => {
      const run = await world.run();
      const lift = breakWrites('secrets', effect);
      world.optIn(...teams);
      await world.clock.advance(3 * MINUTE_MS);

      for (const team of teams) {
        expect(messages(team)).toEqual([
          expect.stringMatching(
            /^WriteFailing: the pull secret could not be written for more than/,
          ),
        ]);
      }
      // One cause: a few of them tell it.
      expect(await warnings(run)).toEqual([10, teams.length]);
      await world.clock.advance(7 * MINUTE_MS);
      expect(await warnings(run)).toEqual([10, teams.length]);

      lift();
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(teams)).toEqual([]);
      expect(await warnings(run)).toEqual([10, 0]);
      const recovered = run.log
        .messages('info')
        .filter((text) => text === 'namespace has recovered');
      expect(recovered).toHaveLength(10);
    },
  );
});

it('if no ServiceAccount can be changed, the server’s words are in the Event', async () => {
  await world.run();
  breakWrites('serviceaccounts', BROKEN);
  world.optIn('team');
  await world.clock.advance(3 * MINUTE_MS);

  expect(messages('team')).toContainEqual(
    expect.stringMatching(
      /^WriteFailing: ServiceAccount "default" could not be written .*failed calling webhook "kms.example"/,
    ),
  );
});

it('a failure that is over before two minutes have passed is not reported', async () => {
  const run = await world.run();
  const lift = breakWrites('secrets', BROKEN);
  world.optIn('team');
  await world.clock.advance(MINUTE_MS);
  lift();
  await world.clock.advance(5 * MINUTE_MS);

  expect(messages('team')).toEqual(['PullSecretCreated: pull secret "ecr-pull-secret" created']);
  expect(run.log.messages('warn')).toEqual([]);
});
