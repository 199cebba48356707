/** The simulator as the contract suite sees it: in chunks so small that lines and characters are split. */
import { SimulatedCluster } from '../../../src/simulator/simulated-cluster.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import type { ServerUnderTest } from './server-under-test.ts';

export function simulatedServer(): ServerUnderTest {
  const clock = new FakeClock();
  const cluster = new SimulatedCluster({ clock, chunkBytes: 100 });
  const wire = cluster.wire();
  let users = 0;
  return {
    wire,
    userWith: (rights) => {
      users += 1;
      const name = `user-${users}`;
      cluster.setAccess(
        name,
        rights.map((right) => ({ apiGroups: [''], ...right })),
      );
      return Promise.resolve({ name, wire: cluster.wire(name) });
    },
    passTime: (ms) => clock.advance(ms),
    forgetHistory: () => {
      cluster.compact();
      return Promise.resolve();
    },
    stop: () => wire.close(),
  };
}
