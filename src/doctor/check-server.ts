/** Whether there is an API server that will do, and who we are to it. */
import { ControllerError, renderError } from '../domain/errors.ts';
import type { ServerVersion } from '../kubernetes/server-probe.ts';
import type { Attempted } from './attempted.ts';
import { type Check, failureOf } from './check.ts';

/** What the API server said. */
export interface ServerSighting {
  readonly address: string;
  readonly version: Attempted<ServerVersion | undefined>;
  readonly user: Attempted<string | undefined>;
}

/** The first with ValidatingAdmissionPolicy v1. */
const OLDEST_MINOR = 30;

/** For one that can't even be named: no kubeconfig, or one that can't be used. */
export function checkNoServer(error: unknown): Check {
  const fix = 'name a kubeconfig that can be read, and one of its contexts';
  return { name: 'api-server', subject: '', ...failureOf(error, fix) };
}

export function checkServer({ address, version, user }: ServerSighting): readonly Check[] {
  const check = { name: 'api-server', subject: address } as const;
  if (version.kind === 'failed') {
    return [{ ...check, ...failureOf(version.error, fixOf(version.error)) }];
  }
  return [checkVersion(address, version.value), checkUser(user)];
}

function checkVersion(address: string, version: ServerVersion | undefined): Check {
  const check = { name: 'api-server', subject: address } as const;
  if (version === undefined) {
    const message = 'something answers, but not as an API server would tell its version';
    const fix = 'check that the address in the kubeconfig is that of an API server';
    return { ...check, status: 'failed', message, fix };
  }
  const { text, major, minor } = version;
  if (major > 1 || minor >= OLDEST_MINOR) return { ...check, status: 'ok', message: text };
  const message = `${text}: tested are Kubernetes 1.${OLDEST_MINOR} and later`;
  return { ...check, status: 'warning', message, fix: 'bring the cluster up to date' };
}

function checkUser(user: Attempted<string | undefined>): Check {
  const check = { name: 'api-server', subject: 'user' } as const;
  if (user.kind === 'failed') {
    const message = `the server does not say who we are: ${renderError(user.error)}`;
    return { ...check, status: 'skipped', message };
  }
  if (user.value === undefined) {
    return { ...check, status: 'skipped', message: 'this server does not tell who we are' };
  }
  if (user.value.startsWith('system:serviceaccount:')) {
    return { ...check, status: 'ok', message: user.value };
  }
  const message = `${user.value}, which is no ServiceAccount: the rights below are yours, not those of the controller in the cluster; run the doctor in its Pod to see them`;
  return { ...check, status: 'info', message };
}

function fixOf(error: unknown): string {
  const code = error instanceof ControllerError ? error.code : '';
  return FIXES[code] ?? 'check the address in the kubeconfig, and that the API server is up';
}

const FIXES: Readonly<Record<string, string>> = {
  API_UNAUTHORIZED:
    'the API server does not know these credentials: give the kubeconfig (or the Pod) valid ones',
  API_FORBIDDEN: 'let the user read /version, as system:public-info-viewer lets everybody',
  API_TIMEOUT: 'check firewalls, network policies and the proxy-url of the kubeconfig',
  API_UNREACHABLE:
    'check the address and the CA in the kubeconfig, firewalls and network policies, and that the API server is up',
};
