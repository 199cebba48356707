/** What a refusal of the Lease means: a race that is lost, or rights that a person must give. */
import { StalledError, TransientError } from '../../domain/errors.ts';
import { ApiError, isNamespaceTerminating } from '../transport/api-error.ts';

export interface LeaseLocation {
  readonly namespace: string;
  readonly name: string;
}

/** Other errors pass unchanged. */
export function explainLeaseRefusal(
  error: unknown,
  doing: string,
  { namespace, name }: LeaseLocation,
): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, serverMessage } = error;
  const what = `${doing} Lease "${name}" in namespace "${namespace}"`;
  if (status === 409 || isOfAnother(error)) {
    return new TransientError(`${what}: somebody else changed it at the same time`, {
      code: 'CONFLICT',
      cause: error,
    });
  }
  if (status === 404) {
    return new StalledError(`${what}: there is no such namespace`, {
      code: 'LEASE_NAMESPACE_MISSING',
      fix: 'name the one that this program runs in with --namespace',
      cause: error,
    });
  }
  if (status === 403 && !isNamespaceTerminating(error)) {
    // The controller has no use for that right, so no Role of ours has it.
    const fix =
      doing === 'deleting'
        ? `do it by hand: kubectl -n ${namespace} delete lease ${name}`
        : 'grant the Role of manifests/install.yaml';
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
    `calling for Lease "${name}" in namespace "${namespace}": no answer in time`,
    { code: 'LEASE_TIMEOUT' },
  );
}

/** Made anew since: a UID can't be changed. */
function isOfAnother(error: ApiError): boolean {
  return error.status === 422 && error.causes.some(({ field }) => field === 'metadata.uid');
}
