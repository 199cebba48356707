/** Why a Secret of our name still exists, and what a person can do about it. */
import { ControllerError, ObsoleteError, StalledError, renderError } from '../domain/errors.ts';
import type { CachedPullSecret, CachedServiceAccount } from '../domain/state/observed.ts';
import { MAX_OBJECT_KIB } from '../domain/contract.ts';
import type { Leftover, LeftoverKind, OrphanedReference } from './report.ts';

/** A Secret of our name, whoever owns it. */
export interface FoundSecret extends CachedPullSecret {
  /** It has our labels only, and its namespace is not opted in: it is nobody's. */
  readonly isUnclaimed: boolean;
}

/** Whether it is ours to delete by the rule of ownership, and not deleted yet. */
export function isDeletable({ appliedByUs, terminating }: CachedPullSecret): boolean {
  return appliedByUs && !terminating;
}

/** `trouble`: why the last attempt to delete it failed; `undefined` if nothing was tried. */
export function leftoverOf(pullSecret: FoundSecret, trouble?: unknown): Leftover {
  if (trouble !== undefined) return failedLeftover(pullSecret, trouble);
  const { namespace, name } = pullSecret;
  const byHand = `kubectl -n ${namespace} delete secret ${name}`;
  if (pullSecret.tooLarge === true) {
    const message = `its metadata has more than ${MAX_OBJECT_KIB} KiB and is not read, so nothing shows whose it is`;
    return leftover(pullSecret, 'unknown', message, `check it yourself: ${byHand}`);
  }
  if (pullSecret.isUnclaimed) {
    const message =
      "nobody's: it has our label but not our managedFields entry, and its namespace is not opted in (a copy, or one from a backup)";
    return leftover(pullSecret, 'unclaimed', message, byHand);
  }
  if (!pullSecret.appliedByUs && !pullSecret.labelledOurs) {
    const message =
      'not ours: it has neither our managedFields entry nor our labels; ServiceAccounts that reference it are left unchanged';
    return leftover(pullSecret, 'foreign', message);
  }
  if (pullSecret.terminating) {
    const message = "deleted, but somebody else's finalizer keeps it";
    const fix = `find the finalizer: kubectl -n ${namespace} get secret ${name} -o jsonpath='{.metadata.finalizers}'`;
    return leftover(pullSecret, 'terminating', message, fix);
  }
  if (!pullSecret.appliedByUs) {
    const message =
      'it has our labels but not our managedFields entry (restored from a backup?): nothing proves that it is ours to delete';
    const fix = `${byHand} (or resume the controller until it has refreshed the Secret, and repeat cleanup)`;
    return leftover(pullSecret, 'unproven', message, fix);
  }
  return leftover(pullSecret, 'pending', 'not deleted yet', 'repeat cleanup');
}

function failedLeftover(pullSecret: CachedPullSecret, error: unknown): Leftover {
  if (error instanceof ObsoleteError) {
    return leftover(pullSecret, 'namespaceTerminating', error.message);
  }
  if (!(error instanceof ControllerError)) {
    return leftover(pullSecret, 'failed', renderError(error), 'repeat cleanup');
  }
  const { code, message } = error;
  const own = code === 'WRITE_REFUSED' ? 'fix what refuses it' : error.fix;
  const fix = own === undefined ? 'repeat cleanup' : `${own}, and repeat cleanup`;
  return leftover(pullSecret, code === RECREATED ? 'recreated' : 'failed', message, fix);
}

const RECREATED = 'CLEANUP_UNDONE';

export function recreated(): StalledError {
  const message =
    'deleted twice and re-created: a controller that ignores the pause annotation creates it';
  return new StalledError(message, {
    code: RECREATED,
    fix: 'stop the controller that runs with --leader-elect false or in an older version',
  });
}

export function namespaceTerminating(): ObsoleteError {
  const message = 'its namespace is being deleted, and the Secret with it';
  return new ObsoleteError(message, { code: 'NAMESPACE_TERMINATING' });
}

/** What is known of a namespace whose Secrets could not be listed. `refused`: the namespace can't be read either. */
export type NamespaceState = 'exists' | 'terminating' | 'refused';

export function unreadLeftover(
  { namespace, name: secret }: Pick<CachedPullSecret, 'namespace' | 'name'>,
  state: NamespaceState,
  error: unknown,
): Leftover {
  const why = renderError(error);
  switch (state) {
    case 'exists': {
      const fix = `grant the Role in namespace ${namespace}, and repeat cleanup`;
      const message = `can't check whether it exists: ${why}`;
      return { namespace, secret, kind: 'failed', message, fix };
    }
    case 'terminating': {
      const message = 'its namespace is gone or being deleted, and the Secret with it';
      return { namespace, secret, kind: 'namespaceTerminating', message };
    }
    case 'refused': {
      const message = `can't check whether it or its namespace exists; if the namespace is gone, nothing is left: ${why}`;
      const fix = `check it yourself: kubectl -n ${namespace} get secret ${secret} (if it exists, grant the Role in the namespace, and repeat cleanup)`;
      return { namespace, secret, kind: 'unknown', message, fix };
    }
  }
}

/** For a namespace that has no Secret of that name, but may have references to it. */
export function unlistedLeftover(
  { namespace, name: secret }: Pick<CachedPullSecret, 'namespace' | 'name'>,
  error: unknown,
): Leftover {
  const why = renderError(error);
  const message = `can't check which ServiceAccounts reference it: ${why}`;
  const fix = `grant the Role in namespace ${namespace}, and repeat cleanup`;
  return { namespace, secret, kind: 'failed', message, fix };
}

/** For a ServiceAccount in such a namespace. */
export function unreadServiceAccountLeft(
  { namespace, name }: CachedServiceAccount,
  secret: string,
): Leftover {
  const message = `can't check whether ServiceAccount "${name}" references it: that has more than ${MAX_OBJECT_KIB} KiB and is not read`;
  const fix = `check it yourself: kubectl -n ${namespace} get serviceaccount ${name} -o yaml`;
  return { namespace, secret, kind: 'unknown', message, fix };
}

/** The fix is a command that removes exactly this reference: it fails if the list has changed. */
export function orphanedReferencesOf(
  { namespace, name, references, imagePullSecrets }: CachedServiceAccount,
  secret: string,
): readonly OrphanedReference[] {
  // The list is too long for a command.
  if (imagePullSecrets === undefined) {
    if (references === 0) return [];
    const fix = `kubectl -n ${namespace} edit serviceaccount ${name} (remove "${secret}" from imagePullSecrets)`;
    return [{ namespace, serviceAccount: name, secret, fix }];
  }
  const index = imagePullSecrets.findIndex((item) => item.name === secret);
  if (index < 0) return [];
  const path = `/imagePullSecrets/${index}`;
  const patch = JSON.stringify([
    { op: 'test', path: `${path}/name`, value: secret },
    { op: 'remove', path },
  ]);
  const fix = `kubectl -n ${namespace} patch serviceaccount ${name} --type=json -p='${patch}'`;
  return [{ namespace, serviceAccount: name, secret, fix }];
}

/** `trouble`: why the last attempt to remove it failed; `undefined` if nothing was tried. */
export function orphanedReferenceLeft(
  reference: OrphanedReference,
  trouble: unknown,
): OrphanedReference {
  return trouble === undefined ? reference : { ...reference, message: renderError(trouble) };
}

function leftover(
  { namespace, name }: CachedPullSecret,
  kind: LeftoverKind,
  message: string,
  fix?: string,
): Leftover {
  return { namespace, secret: name, kind, message, ...(fix === undefined ? {} : { fix }) };
}
