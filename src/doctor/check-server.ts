/** Checks that there is a suitable API server, and who we are to it. */
import { ControllerError, renderError } from '../domain/errors.ts';
import type { ServerVersion } from '../kubernetes/server-probe.ts';
import type { Attempted } from './attempted.ts';
import { type Check, failureOf } from './check.ts';

/** What the API server answered. */
export interface ServerFindings {
  readonly address: string;
  readonly version: Attempted<ServerVersion | undefined>;
  readonly user: Attempted<string | undefined>;
}

/** The first with ValidatingAdmissionPolicy v1. */
const OLDEST_MINOR = 30;

/** If none can be named: no kubeconfig, or an unusable one. */
export function checkNoServer(error: unknown): Check {
  const fix = 'name a readable kubeconfig, and one of its contexts';
  return { name: 'api-server', subject: '', ...failureOf(error, fix) };
}

export function checkServer({ address, version, user }: ServerFindings): readonly Check[] {
  const check = { name: 'api-server', subject: address } as const;
  if (version.kind === 'failed') {
    return [{ ...check, ...failureOf(version.error, fixOf(version.error)) }];
  }
  return [checkVersion(address, version.value), checkUser(user)];
}

function checkVersion(address: string, version: ServerVersion | undefined): Check {
  const check = { name: 'api-server', subject: address } as const;
  if (version === undefined) {
    const message = 'something responds, but not with the version of an API server';
    const fix = 'check that the address in the kubeconfig is that of an API server';
    return { ...check, status: 'failed', message, fix };
  }
  const { text, major, minor } = version;
  if (major > 1 || minor >= OLDEST_MINOR) return { ...check, status: 'ok', message: text };
  const message = `${text}: Kubernetes 1.${OLDEST_MINOR} or later is needed (ValidatingAdmissionPolicy)`;
  return { ...check, status: 'warning', message, fix: 'upgrade the cluster' };
}

function checkUser(user: Attempted<string | undefined>): Check {
  const check = { name: 'api-server', subject: 'user' } as const;
  if (user.kind === 'failed') {
    const message = `the server does not say which user this is: ${renderError(user.error)}`;
    return { ...check, status: 'skipped', message };
  }
  if (user.value === undefined) {
    return { ...check, status: 'skipped', message: 'the server does not say which user this is' };
  }
  if (user.value.startsWith('system:serviceaccount:')) {
    return { ...check, status: 'ok', message: user.value };
  }
  const message = `${user.value}, not a ServiceAccount: the permissions below are yours, not those of the controller in the cluster; to see those, run the doctor in its Pod`;
  return { ...check, status: 'info', message };
}

function fixOf(error: unknown): string {
  const code = error instanceof ControllerError ? error.code : '';
  return FIXES[code] ?? 'check the address in the kubeconfig, and that the API server is up';
}

const FIXES: Readonly<Record<string, string>> = {
  API_UNAUTHORIZED:
    'the API server does not accept these credentials: put valid ones into the kubeconfig (or the Pod)',
  API_FORBIDDEN: 'allow the user to read /version, as system:public-info-viewer does for everybody',
  API_TIMEOUT: 'check firewalls, network policies and the proxy-url of the kubeconfig',
  API_UNREACHABLE:
    'check the address and the CA in the kubeconfig, firewalls and network policies, and that the API server is up',
};
