/** A real control plane as the contract suite sees it, over a wire that shares no code with our own. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';
import type { ControlPlane } from '../../support/control-plane/control-plane.ts';
import { pathsOf, type Description } from '../../support/control-plane/layout.ts';
import type { RbacMode } from '../../support/suite/rbac-mode.ts';
import { BareWire } from './bare-wire.ts';
import { ChartGrants } from './chart-grants.ts';
import { ContractClient } from './contract-client.ts';
import type { AskedPermission } from './controllers-request.ts';
import { PermissionsOnDemand } from './permissions-on-demand.ts';
import { RoutedWire } from './routed-wire.ts';
import type { Permission, ServerUnderTest } from './server-under-test.ts';
import { untilAllowed } from './until-allowed.ts';
import { type Senders, whoSentWhat } from './who-sent-what.ts';
import { rbacObjectsOf, userNameOf, USERS_NAMESPACE } from './user-permissions.ts';

export interface RealServer extends ServerUnderTest {
  readonly wire: RoutedWire;
  /** Who sent the requests of the whole run; known once the server has stopped. */
  readonly senders: Senders | undefined;
}

/** The account of the controller. */
const CONTROLLER = 'contract-controller';

/**
 * What the controller would send is sent with the permissions that the chart gives it in this mode. The server is
 * restarted in between and stopped at the end: it can't be shared with other tests.
 */
export async function realServer(controlPlane: ControlPlane, mode: RbacMode): Promise<RealServer> {
  const administrator = await BareWire.from(controlPlane.adminKubeconfig);
  const client = new ContractClient(administrator);
  const controller = await openUser(controlPlane, client, CONTROLLER);
  const permissions = new PermissionsOnDemand(client, await ChartGrants.render(mode), {
    account: CONTROLLER,
    isClusterWide: mode === 'named',
  });
  const grant = (permission: AskedPermission): Promise<void> => permissions.grant(permission);
  const wire = new RoutedWire({ mode, administrator, controller, grant });
  const wires: Wire[] = [wire];
  let users = 0;
  let senders: Senders | undefined;
  return {
    wire,
    get senders() {
      return senders;
    },
    scope: mode === 'named' ? 'cluster' : 'namespace',
    enter: (chapter) => wire.enter(chapter),
    userWith: async (permissions) => {
      users += 1;
      const account = `contract-user-${users}`;
      const limited = await openUser(controlPlane, client, account);
      await givePermissions(client, account, permissions);
      wires.push(limited);
      return { name: userNameOf(account), wire: limited };
    },
    passTime: (ms) => delay(ms),
    forgetHistory: () => compactAndRestart(controlPlane, administrator),
    stop: async () => {
      senders = whoSentWhat(await controlPlane.auditLog(), userNameOf(CONTROLLER));
      await Promise.all(wires.map((open) => open.close()));
      await controlPlane.stop();
    },
  };
}

async function openUser(
  controlPlane: ControlPlane,
  client: ContractClient,
  account: string,
): Promise<Wire> {
  const home = `/api/v1/namespaces/${USERS_NAMESPACE}/serviceaccounts`;
  await client.post(home, { metadata: { name: account } });
  const user = { namespace: USERS_NAMESPACE, serviceAccount: account };
  return BareWire.from(await controlPlane.kubeconfigFor(user));
}

async function givePermissions(
  client: ContractClient,
  account: string,
  permissions: readonly Permission[],
): Promise<void> {
  for (const { path, object } of rbacObjectsOf(account, permissions)) {
    const { status } = await client.post(path, object);
    if (status !== 201) throw new Error(`granting permissions to ${account}: ${status}`);
  }
  for (const { apiGroups, resources, verbs, resourceNames, namespace } of permissions) {
    const permission = { verb: verbs[0], group: apiGroups?.[0], resource: resources[0], namespace };
    await untilAllowed(client, userNameOf(account), { ...permission, name: resourceNames?.[0] });
  }
}

/** etcd forgets at once; the API server's watch cache is lost with its process. */
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
