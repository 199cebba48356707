/** Asks the API server who we are and what we may do. */
import type { Clock } from '../base/clock.ts';
import type { GuardChoice } from '../controller/ports/guard.ts';
import {
  GUARDED_RESOURCES,
  guardPolicyNameOf,
  type Instance,
  leaseNameOf,
} from '../domain/contract.ts';
import type { Scope } from '../domain/scope.ts';
import {
  requiredPermissions,
  type RequiredPermission,
} from '../kubernetes/required-permissions.ts';
import {
  clusterRoleBindingPath,
  leasePath,
  policyPath,
  roleBindingPath,
} from '../kubernetes/transport/resources.ts';
import { newServerProbe, type ServerProbe } from '../kubernetes/server-probe.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';
import { attempt } from './attempted.ts';
import {
  askFor,
  checkOtherSecrets,
  checkPermission,
  EXCESSIVE_PERMISSIONS,
  uncheckedPermission,
} from './check-permissions.ts';
import {
  checkBinding,
  checkPause,
  checkRoleBindings,
  namespaceOfUser,
} from './check-installation.ts';
import { checkGuard, type PolicyObject } from './check-policies.ts';
import { checkServer } from './check-server.ts';
import type { Check } from './check.ts';
import { checkClock } from './clock-skew.ts';

export interface ServerQuestions {
  readonly instance: Instance;
  readonly scope: Scope;
  /** The namespace of the Lease, or why the permissions on it are not checked. */
  readonly lease:
    { readonly namespace: string } | { readonly skipped: string; readonly isRequired?: boolean };
  /** `off`: nobody expects the guard. */
  readonly guard: GuardChoice;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Yields in the order of the report. Rejects only with the abort reason of `signal`. */
export async function* examineServer(
  apiServer: ApiServerConnection,
  questions: ServerQuestions,
): AsyncGenerator<Check> {
  const { clock, signal } = questions;
  const probe = newServerProbe(apiServer, clock);
  try {
    const version = await attempt(() => probe.readVersion(signal));
    const user = await attempt(() => probe.readUser(signal));
    signal.throwIfAborted();
    yield* checkServer({ address: apiServer.address, version, user });
    yield checkClock('API server', probe.clockOffsetMs());
    if (version.kind === 'failed') {
      const message = 'not checked: the API server does not respond';
      yield { name: 'permissions', subject: 'all', status: 'skipped', message };
      return;
    }
    const name = user.kind === 'answered' ? user.value : undefined;
    const home = name === undefined ? undefined : namespaceOfUser(name);
    const isPerson = name !== undefined && home === undefined;
    yield* await checkPermissions(probe, isPerson, questions);
    yield await checkPolicies(probe, isPerson, questions);
    yield* await checkInstallation(probe, home, questions);
  } finally {
    await probe.close();
  }
}

async function checkPermissions(
  probe: ServerProbe,
  isPerson: boolean,
  { instance, scope, lease, signal }: ServerQuestions,
): Promise<readonly Check[]> {
  const namespace = 'namespace' in lease ? lease.namespace : undefined;
  const checkOne = async (permission: RequiredPermission): Promise<Check> => {
    const questions = askFor(permission, namespace);
    if (questions.length === 0) {
      return uncheckedPermission(permission, 'skipped' in lease ? lease : {});
    }
    const answers = await Promise.all(
      questions.map(async (asked) => {
        return { asked, allowed: await attempt(() => probe.isAllowed(asked, signal)) };
      }),
    );
    return checkPermission({ permission, answers });
  };
  const [needed, allowed] = await Promise.all([
    Promise.all(requiredPermissions(instance, scope).map(checkOne)),
    Promise.all(EXCESSIVE_PERMISSIONS.map((one) => attempt(() => probe.isAllowed(one, signal)))),
  ]);
  signal.throwIfAborted();
  return [...needed, checkOtherSecrets({ allowed, secretName: instance.secretName, isPerson })];
}

async function checkPolicies(
  probe: ServerProbe,
  isPerson: boolean,
  { instance, scope, guard, signal }: ServerQuestions,
): Promise<Check> {
  if (guard === 'off') return checkGuard({ kind: 'off' });
  if (!isPerson) {
    const namespace = scope.kind === 'cluster' ? 'default' : (scope.names[0] ?? '');
    const state = await attempt(() => probe.probeGuard(instance, namespace, signal));
    signal.throwIfAborted();
    return checkGuard({ kind: 'probed', state });
  }
  const read = async (kind: PolicyObject['kind'], name: string): Promise<PolicyObject> => {
    const path = policyPath(RESOURCES[kind], name);
    return { kind, name, found: await attempt(() => probe.find(path, signal)) };
  };
  const names = GUARDED_RESOURCES.map((resource) => guardPolicyNameOf(instance.name, resource));
  const objects = await Promise.all(
    names.flatMap((name) => [
      read('ValidatingAdmissionPolicy', name),
      read('ValidatingAdmissionPolicyBinding', name),
    ]),
  );
  signal.throwIfAborted();
  return checkGuard({ kind: 'read', objects });
}

const RESOURCES = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
} as const;

/** `home`: the namespace of our ServiceAccount, if we are one. */
async function checkInstallation(
  probe: ServerProbe,
  home: string | undefined,
  { instance, scope, lease, signal }: ServerQuestions,
): Promise<readonly Check[]> {
  const name = leaseNameOf(instance.name);
  const find = (path: string) => attempt(() => probe.find(path, signal));
  const namespace = 'namespace' in lease ? lease.namespace : undefined;
  const ours = { instance: instance.name, name, home: home ?? namespace };
  const bindings =
    scope.kind === 'cluster'
      ? [checkBinding({ ...ours, binding: await find(clusterRoleBindingPath(name)) })]
      : checkRoleBindings(
          await Promise.all(
            scope.names.map(async (one) => {
              return { ...ours, namespace: one, binding: await find(roleBindingPath(one, name)) };
            }),
          ),
        );
  const found = namespace && (await find(leasePath(namespace, name)));
  signal.throwIfAborted();
  return [
    ...bindings,
    ...(namespace && found ? [checkPause({ namespace, name, lease: found })] : []),
  ];
}
