/** A real control plane as the contract suite sees it, over a wire that shares nothing with our own. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { Wire } from '../../../src/kubernetes/wire.ts';
import type { ControlPlane } from '../../support/control-plane/control-plane.ts';
import { pathsOf, type Description } from '../../support/control-plane/layout.ts';
import { BareWire } from './bare-wire.ts';
import { ContractClient } from './contract-client.ts';
import type { Right, ServerUnderTest } from './server-under-test.ts';
import { rbacObjectsOf, userNameOf, USERS_NAMESPACE } from './user-rights.ts';

/** The server is stopped in the end, and restarted within: it can't be shared with other tests. */
export async function realServer(controlPlane: ControlPlane): Promise<ServerUnderTest> {
  const wire = await BareWire.from(controlPlane.adminKubeconfig);
  const wires: Wire[] = [wire];
  let users = 0;
  return {
    wire,
    userWith: async (rights) => {
      users += 1;
      const account = `contract-user-${users}`;
      await makeUser(new ContractClient(wire), account, rights);
      const user = { namespace: USERS_NAMESPACE, serviceAccount: account };
      const limited = await BareWire.from(await controlPlane.kubeconfigFor(user));
      wires.push(limited);
      return { name: userNameOf(account), wire: limited };
    },
    passTime: (ms) => delay(ms),
    forgetHistory: () => compactAndRestart(controlPlane, wire),
    stop: async () => {
      await Promise.all(wires.map((open) => open.close()));
      await controlPlane.stop();
    },
  };
}

async function makeUser(
  client: ContractClient,
  account: string,
  rights: readonly Right[],
): Promise<void> {
  const home = `/api/v1/namespaces/${USERS_NAMESPACE}/serviceaccounts`;
  await client.post(home, { metadata: { name: account } });
  for (const { path, object } of rbacObjectsOf(account, rights)) {
    const { status } = await client.post(path, object);
    if (status !== 201) throw new Error(`granting rights to ${account}: ${status}`);
  }
  // The authorizer reads roles from a cache of its own.
  await delay(1_000);
}

/** etcd forgets at once; what the API server still holds in its watch cache goes with its process. */
async function compactAndRestart(controlPlane: ControlPlane, wire: Wire): Promise<void> {
  const { body } = await new ContractClient(wire).get('/api/v1/namespaces?limit=1');
  const text = await readFile(pathsOf(controlPlane.dir).description, 'utf8');
  const { ports } = JSON.parse(text) as Description;
  const compaction = await request(`http://127.0.0.1:${ports.etcdClient}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision: body.metadata.resourceVersion, physical: true }),
  });
  await compaction.body.dump();
  if (compaction.statusCode !== 200) throw new Error(`compacting: ${compaction.statusCode}`);
  await controlPlane.restartApiServer();
}
