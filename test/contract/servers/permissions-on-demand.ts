/**
 * Gives the suite's controller what the chart gives, in each namespace and for each Secret name that a request needs.
 */
import type { ContractClient } from './contract-client.ts';
import type { ChartGrants, Grantee } from './chart-grants.ts';
import type { AskedPermission } from './controllers-request.ts';
import { untilAllowed } from './until-allowed.ts';
import { USERS_NAMESPACE, userNameOf } from './user-permissions.ts';

/** For a request that names no Secret, if none has been named yet. */
const ANY_SECRET = 'ecr-pull-secret';

export class PermissionsOnDemand {
  readonly #administrator: ContractClient;
  readonly #grants: ChartGrants;
  readonly #grantee: Grantee;
  readonly #isClusterWide: boolean;
  readonly #made = new Map<string, Promise<void>>();

  constructor(
    administrator: ContractClient,
    grants: ChartGrants,
    { account, isClusterWide }: { readonly account: string; readonly isClusterWide: boolean },
  ) {
    this.#administrator = administrator;
    this.#grants = grants;
    this.#grantee = { namespace: USERS_NAMESPACE, name: account };
    this.#isClusterWide = isClusterWide;
  }

  /** Resolves when what the chart grants is in effect, whether or not that covers the request. */
  async grant(asked: AskedPermission): Promise<void> {
    const { resource, name = ANY_SECRET } = asked;
    const isLease = resource === 'leases';
    const namespace = this.#isClusterWide && !isLease ? undefined : asked.namespace;
    const secretName = resource === 'secrets' ? name : ANY_SECRET;
    const key = `${namespace} ${isLease ? 'lease' : secretName}`;
    const making = this.#made.get(key) ?? this.#make(isLease, secretName, namespace);
    this.#made.set(key, making);
    return making;
  }

  async #make(isLease: boolean, secretName: string, namespace: string | undefined): Promise<void> {
    const objects =
      isLease && namespace !== undefined
        ? this.#grants.leaseIn(namespace, this.#grantee)
        : this.#grants.work(secretName, namespace, this.#grantee);
    for (const { path, object } of objects) {
      const { status } = await this.#administrator.post(path, object);
      if (status !== 201) throw new Error(`granting what the chart grants: ${status}`);
    }
    const lease = { group: 'coordination.k8s.io', resource: 'leases', name: 'ecr-pull-secrets' };
    const secret = { resource: 'secrets', name: secretName };
    const permission = { verb: 'patch', namespace, ...(isLease ? lease : secret) };
    await untilAllowed(this.#administrator, userNameOf(this.#grantee.name), permission);
  }
}
