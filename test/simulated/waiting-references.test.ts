/** The whole controller over the simulator: a delayed change of a ServiceAccount is still wanted when it is sent. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';
import { MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';

const ACCOUNTS = ['default', 'app', 'batch'];
const GRACE_MS = 10 * MINUTE_MS;

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** The server asks for a pause of 5 s before it accepts the next PATCHes of ServiceAccounts. */
function holdBack(times: number): void {
  world.simulator.faults.add({
    effect: { kind: 'answer', status: 429, retryAfterSeconds: 5 },
    match: ({ method, path }) => method === 'PATCH' && path.includes('/serviceaccounts/'),
    times,
  });
}

function setEnabled(isEnabled: boolean, ...namespaces: readonly string[]): void {
  for (const name of namespaces) {
    world.annotate(name, { [NAMESPACE_ANNOTATIONS.enabled]: String(isEnabled) });
  }
}

function references(): readonly string[] {
  return ACCOUNTS.flatMap((name) => world.references('team', name));
}

const REFERENCED_BY_ALL = ACCOUNTS.map(() => SECRET_NAME);

describe('a removal whose first step waits', () => {
  const others = Array.from({ length: 6 }, (_, n) => `other-${n}`);

  beforeEach(async () => {
    world.optIn('team', ...others);
    for (const name of ACCOUNTS.slice(1)) world.kubectl.createServiceAccount('team', name);
    await world.run();
    await world.clock.advance(MINUTE_MS);
    expect(references()).toEqual(REFERENCED_BY_ALL);
    setEnabled(false, 'team');
    await world.clock.advance(GRACE_MS - MINUTE_MS);
    holdBack(ACCOUNTS.length);
    await world.clock.advance(MINUTE_MS + 2_000);
    expect(references()).toEqual(REFERENCED_BY_ALL);
  });

  it('removes no reference if the namespace has opted in again in the meantime', async () => {
    const changes = world.watchChanges('serviceaccounts');
    setEnabled(true, 'team');
    await world.clock.advance(MINUTE_MS);

    expect(changes()).toEqual([]);
  });

  it('removes no reference if the brake has engaged in the meantime', async () => {
    const changes = world.watchChanges('serviceaccounts');
    setEnabled(false, ...others);
    await world.clock.advance(MINUTE_MS);

    expect(changes()).toEqual([]);
  });

  it('continues if nothing has changed', async () => {
    await world.clock.advance(MINUTE_MS);

    expect(references()).toEqual([]);
    expect(world.secret('team')).toBeUndefined();
  });
});

describe('an attach that waits', () => {
  it('is not sent if the namespace has opted out in the meantime', async () => {
    world.optIn('team');
    await world.run();
    await world.clock.advance(MINUTE_MS);
    holdBack(1);
    world.kubectl.createServiceAccount('team', 'app');
    await world.clock.advance(2_000);
    setEnabled(false, 'team');
    await world.clock.advance(MINUTE_MS);

    expect(world.references('team', 'app')).toEqual([]);
  });
});
