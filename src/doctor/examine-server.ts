/** Asks the API server who we are and what we may do there. */
import type { Clock } from '../base/clock.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import type { Scope } from '../domain/scope.ts';
import {
  requiredPermissions,
  type RequiredPermission,
} from '../kubernetes/required-permissions.ts';
import {
  clusterRoleBindingPath,
  leasePath,
  roleBindingPath,
} from '../kubernetes/transport/resources.ts';
import { newServerProbe, type ServerProbe } from '../kubernetes/server-probe.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';
import { attempt } from './attempted.ts';
import { askFor, checkOtherSecrets, checkRight, missLease, TOO_MUCH } from './check-permissions.ts';
import {
  checkBinding,
  checkPause,
  checkRoleBindings,
  namespaceOfUser,
} from './check-installation.ts';
import { checkServer } from './check-server.ts';
import type { Check } from './check.ts';
import { checkClock } from './clock-skew.ts';

export interface ServerQuestions {
  readonly instance: Instance;
  readonly scope: Scope;
  /** Where the Lease lives, or why its rights are not asked for. */
  readonly lease:
    { readonly namespace: string } | { readonly skipped: string; readonly isRequired?: boolean };
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** In the order in which the answers are told. Rejects with nothing but what `signal` was aborted with. */
export async function* examineServer(
  access: ApiServerConnection,
  questions: ServerQuestions,
): AsyncGenerator<Check> {
  const { clock, signal } = questions;
  const probe = newServerProbe(access, clock);
  try {
    const version = await attempt(() => probe.readVersion(signal));
    const user = await attempt(() => probe.readUser(signal));
    signal.throwIfAborted();
    yield* checkServer({ address: access.address, version, user });
    yield checkClock('API server', probe.clockOffsetMs());
    if (version.kind === 'failed') {
      const message = 'not checked: the API server does not answer';
      yield { name: 'access', subject: 'all', status: 'skipped', message };
      return;
    }
    yield* await askForAll(probe, questions);
    const home = namespaceOfUser(user.kind === 'answered' ? user.value : undefined);
    yield* await lookAtInstallation(probe, home, questions);
  } finally {
    await probe.close();
  }
}

async function askForAll(
  probe: ServerProbe,
  { instance, scope, lease, signal }: ServerQuestions,
): Promise<readonly Check[]> {
  const namespace = 'namespace' in lease ? lease.namespace : undefined;
  const checkOne = async (right: RequiredPermission): Promise<Check> => {
    const questions = askFor(right, namespace);
    if (questions.length === 0) return missLease(right, 'skipped' in lease ? lease : {});
    const answers = await Promise.all(
      questions.map(async (asked) => {
        return { asked, allowed: await attempt(() => probe.isAllowed(asked, signal)) };
      }),
    );
    return checkRight({ right, answers });
  };
  const [needed, others] = await Promise.all([
    Promise.all(requiredPermissions(instance, scope).map(checkOne)),
    Promise.all(TOO_MUCH.map((right) => attempt(() => probe.isAllowed(right, signal)))),
  ]);
  signal.throwIfAborted();
  return [...needed, checkOtherSecrets(others, instance.secretName)];
}

/** `home`: the namespace of the ServiceAccount that we are, if we are one. */
async function lookAtInstallation(
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
