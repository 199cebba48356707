/** Turns a refused Lease request into an error that says whether to retry or what a person must fix. */
import { StalledError, TransientError } from '../../domain/errors.ts';
import { ApiError, isNamespaceTerminating } from '../transport/api-error.ts';

export interface LeaseLocation {
  readonly namespace: string;
  readonly name: string;
}

/** `doing` is a gerund phrase that the Lease follows, such as `writing`. Other errors pass unchanged. */
export function explainLeaseRefusal(
  error: unknown,
  doing: string,
  { namespace, name }: LeaseLocation,
): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, serverMessage } = error;
  const what = `${doing} Lease "${name}" in namespace "${namespace}"`;
  if (status === 409 || isAnotherObject(error)) {
    return new TransientError(`${what}: somebody else changed it at the same time`, {
      code: 'CONFLICT',
      cause: error,
    });
  }
  if (status === 404) {
    return new StalledError(`${what}: the namespace does not exist`, {
      code: 'LEASE_NAMESPACE_MISSING',
      fix: 'set --namespace to the namespace that this program runs in',
      cause: error,
    });
  }
  if (status === 403 && !isNamespaceTerminating(error)) {
    // The controller never needs this permission, so none of our Roles grants it.
    const fix =
      doing === 'deleting'
        ? `delete it manually: kubectl -n ${namespace} delete lease ${name}`
        : 'grant the Role in manifests/install.yaml';
    return new StalledError(`${what}: ${serverMessage}`, {
      code: 'LEASE_FORBIDDEN',
      fix,
      cause: error,
    });
  }
  return error;
}

export function leaseTimeout({ namespace, name }: LeaseLocation): TransientError {
  return new TransientError(
    `requesting Lease "${name}" in namespace "${namespace}": no response in time`,
    { code: 'LEASE_TIMEOUT' },
  );
}

/** The Lease was re-created: a UID can't be changed. */
function isAnotherObject(error: ApiError): boolean {
  return error.status === 422 && error.causes.some(({ field }) => field === 'metadata.uid');
}
