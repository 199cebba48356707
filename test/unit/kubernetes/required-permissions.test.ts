/** The table of permissions, compared with what an installation grants and with what a run of the controller requests. */
import { describe, expect, it } from '@jest/globals';
import { instanceOf } from '../../../src/domain/contract.ts';
import { askFor } from '../../../src/doctor/check-permissions.ts';
import { scopeOf, WHOLE_CLUSTER } from '../../../src/domain/scope.ts';
import { requiredPermissions } from '../../../src/kubernetes/required-permissions.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import { readRequest } from '../../../simulator/requests/api-request.ts';
import { INSTANCE, MINUTE_MS, SECRET_NAME } from '../../support/values/builders.ts';
import { INSTALLED_AS, OUR_USER } from '../../support/cluster/install.ts';
import { readNamespacedInstallation } from '../../support/cluster/namespace-roles.ts';
import { rulesOfUser } from '../../../simulator/server/rbac-manifests.ts';
import { lightenTests } from '../../support/suite/lighten-tests.ts';
import { OUR_RULES, SimulatedWorld } from '../../support/simulated/simulated-world.ts';

lightenTests();

/** One line for each verb on each resource, as a Role could grant it. */
function grantsOf(rules: readonly AccessRule[]): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''], namespace }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) =>
          verbs.map((verb) => grant({ verb, group, resource, name, inOwn: namespace })),
        ),
      ),
    ),
  );
}

function grant(permission: {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly inOwn: string | undefined;
}): string {
  const { verb, group, resource, name, inOwn } = permission;
  return `${verb} ${group}/${resource}/${name}${inOwn === undefined ? '' : ` in ${inOwn}`}`;
}

function needed(only: readonly string[] = []): readonly string[] {
  return requiredPermissions(INSTANCE, scopeOf(only)).flatMap((permission) =>
    askFor(permission, INSTALLED_AS.namespace).map(({ name = '', namespace: inOwn, ...rest }) =>
      grant({ ...rest, name, inOwn }),
    ),
  );
}

describe('requiredPermissions', () => {
  it('is exactly what manifests/install.yaml grants', () => {
    expect([...needed()].sort()).toEqual([...grantsOf(OUR_RULES)].sort());
  });

  it('is with namespaces.only exactly what a Role in each of them grants', async () => {
    const only = ['team-a', 'team-b'];
    const rules = rulesOfUser(await readNamespacedInstallation(only), OUR_USER);
    expect([...needed(only)].sort()).toEqual([...grantsOf(rules)].sort());
    expect(rules.filter(({ namespace }) => namespace === undefined)).toEqual([]);
  });

  it('names the Secret and the Lease of the instance', () => {
    const named = requiredPermissions(instanceOf('blue', 'pull-blue'), WHOLE_CLUSTER).map(
      ({ objectName }) => objectName,
    );
    expect(new Set(named)).toEqual(new Set([undefined, 'pull-blue', 'ecr-pull-secrets-blue']));
  });

  it('covers all requests of a run, from the opt-in to the removal, including leader election', async () => {
    const world = new SimulatedWorld();
    world.kubectl.createNamespace(INSTALLED_AS.namespace);
    world.optIn('team', 'bad');
    world.annotate('bad', { 'ecr-pull-secrets.io/enabled': 'perhaps' });
    const requests = world.watchRequests();
    await world.run({ elected: true });
    await world.clock.advance(10_000);
    expect(world.unready(['team'])).toEqual([]);
    world.annotate('team', { 'ecr-pull-secrets.io/enabled': 'false' });
    await world.clock.advance(11 * MINUTE_MS);
    expect(world.secret('team')).toBeUndefined();
    await world.close();

    const requested = new Set(
      requests().map(({ method, path, query }) => {
        const target = { method: method as 'GET', path: `${path}?${query}`, headers: {} };
        const signal = AbortSignal.abort();
        const { verb, kind, name = '' } = readRequest({ ...target, signal }, '');
        const isNamed = ['secrets', 'leases'].includes(kind.resource);
        const inOwn = kind.resource === 'leases' ? INSTALLED_AS.namespace : undefined;
        return grant({ verb, ...kind, name: isNamed ? name : '', inOwn });
      }),
    );
    expect([...requested].filter((permission) => !needed().includes(permission))).toEqual([]);
    expect(requested.size).toBeGreaterThan(12);
    expect(requested).toContain(`watch /secrets/${SECRET_NAME}`);
  });
});
