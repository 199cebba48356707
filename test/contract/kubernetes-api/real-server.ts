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

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const USERS_HOME = '/api/v1/namespaces/default/serviceaccounts';

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
      const user = { namespace: 'default', serviceAccount: account };
      const limited = await BareWire.from(await controlPlane.kubeconfigFor(user));
      wires.push(limited);
      return { name: `system:serviceaccount:default:${account}`, wire: limited };
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
  await client.post(USERS_HOME, { metadata: { name: account } });
  const homes = new Set(rights.map(({ namespace }) => namespace));
  for (const home of homes) {
    const rules = rights
      .filter(({ namespace }) => namespace === home)
      .map(({ apiGroups = [''], resources, verbs, resourceNames }) => ({
        apiGroups,
        resources,
        verbs,
        resourceNames,
      }));
    await grant(client, account, { home, rules });
  }
  // The authorizer reads roles from a cache of its own.
  await delay(1_000);
}

/** Where there is no home, everywhere. */
async function grant(
  client: ContractClient,
  account: string,
  { home, rules }: { readonly home: string | undefined; readonly rules: readonly unknown[] },
): Promise<void> {
  const metadata = { name: account };
  const base = home === undefined ? RBAC : `${RBAC}/namespaces/${home}`;
  const kind = home === undefined ? 'ClusterRole' : 'Role';
  const made = await client.post(`${base}/${kind.toLowerCase()}s`, { metadata, rules });
  const bound = await client.post(`${base}/${kind.toLowerCase()}bindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
  });
  if (made.status !== 201 || bound.status !== 201) {
    throw new Error(`granting rights to ${account}: ${made.status}, ${bound.status}`);
  }
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
