/** The simulator as the contract suite sees it: in chunks so small that lines and characters are split. */
import { rulesOfUser } from '../../../simulator/server/rbac-manifests.ts';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { rbacObjectsOf, userNameOf } from './user-permissions.ts';

export function simulatedServer(scope: ServerUnderTest['scope'] = 'cluster'): ServerUnderTest {
  const clock = new VirtualClock();
  const cluster = new SimulatedCluster({ clock, chunkBytes: 100 });
  const wire = cluster.wire();
  let users = 0;
  return {
    wire,
    scope,
    enter: () => undefined,
    userWith: (permissions) => {
      users += 1;
      const account = `contract-user-${users}`;
      const name = userNameOf(account);
      const objects = rbacObjectsOf(account, permissions).map(({ object }) => object);
      cluster.setAccess(name, rulesOfUser(objects, name));
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
