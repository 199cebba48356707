/** Why a Secret of our name is still there, and what a person can do about it. */
import { ControllerError, ObsoleteError, StalledError, renderError } from '../domain/errors.ts';
import type { CachedPullSecret, CachedServiceAccount } from '../domain/state/observed.ts';
import { isOurs } from '../domain/state/ownership.ts';
import type { Leftover, LeftoverKind, OrphanedReference } from './report.ts';

/** `isDeletable`: by the rule of ownership, and nobody has deleted it yet. */
export function isDeletable({ appliedByUs, terminating }: CachedPullSecret): boolean {
  return appliedByUs && !terminating;
}

/** `trouble`: what the last try to delete it failed with; `undefined` where nothing was tried. */
export function leftoverOf(pullSecret: CachedPullSecret, trouble?: unknown): Leftover {
  if (trouble !== undefined) return failedLeftover(pullSecret, trouble);
  const { namespace, name } = pullSecret;
  const byHand = `kubectl -n ${namespace} delete secret ${name}`;
  if (!isOurs(pullSecret)) {
    const message =
      'not ours: it bears neither our entry nor our label; ServiceAccounts that name it are left as they are';
    return leftover(pullSecret, 'foreign', message);
  }
  if (pullSecret.terminating) {
    const message = 'deleted, but a finalizer of somebody else holds it';
    const fix = `see who: kubectl -n ${namespace} get secret ${name} -o jsonpath='{.metadata.finalizers}'`;
    return leftover(pullSecret, 'held', message, fix);
  }
  if (!pullSecret.appliedByUs) {
    const message =
      'it bears our label, but was not written by us since (from a backup?): nothing proves that it is ours to delete';
    const fix = `${byHand} (or let the controller go on until it has refreshed it, and repeat)`;
    return leftover(pullSecret, 'unproven', message, fix);
  }
  return leftover(pullSecret, 'pending', 'not deleted yet', 'repeat cleanup');
}

function failedLeftover(pullSecret: CachedPullSecret, error: unknown): Leftover {
  if (error instanceof ObsoleteError) return leftover(pullSecret, 'namespaceGoing', error.message);
  if (!(error instanceof ControllerError)) {
    return leftover(pullSecret, 'failed', renderError(error), 'repeat cleanup');
  }
  const { code, message } = error;
  const own = code === 'WRITE_REFUSED' ? 'fix what refuses it' : error.fix;
  const fix = own === undefined ? 'repeat cleanup' : `${own}, and repeat cleanup`;
  return leftover(pullSecret, code === MADE_ANEW ? 'madeAnew' : 'failed', message, fix);
}

const MADE_ANEW = 'CLEANUP_UNDONE';

export function madeAnew(): StalledError {
  const message =
    'deleted twice, and there again: a controller that does not heed the mark makes it';
  return new StalledError(message, {
    code: MADE_ANEW,
    fix: 'stop what runs with --leader-elect false or in an older version',
  });
}

export function namespaceGoing(): ObsoleteError {
  const message = 'its namespace is being deleted, and takes it along';
  return new ObsoleteError(message, { code: 'NAMESPACE_GOING' });
}

/** What is known of a namespace whose Secrets could not be looked at. `refused`: neither could the namespace itself. */
export type NamespaceState = 'there' | 'going' | 'refused';

export function unreadLeftover(
  { namespace, name: secret }: Pick<CachedPullSecret, 'namespace' | 'name'>,
  state: NamespaceState,
  error: unknown,
): Leftover {
  const why = renderError(error);
  switch (state) {
    case 'there': {
      const fix = `grant the Role in namespace ${namespace}, and repeat cleanup`;
      const message = `could not be looked for: ${why}`;
      return { namespace, secret, kind: 'failed', message, fix };
    }
    case 'going': {
      const message = 'its namespace is gone, or being deleted, and takes it along';
      return { namespace, secret, kind: 'namespaceGoing', message };
    }
    case 'refused': {
      const message = `could not be looked for, nor could its namespace; if that is gone, nothing is left: ${why}`;
      const fix = `see for yourself: kubectl -n ${namespace} get secret ${secret} (if it is there, grant the Role in the namespace, and repeat cleanup)`;
      return { namespace, secret, kind: 'unknown', message, fix };
    }
  }
}

/** Of a namespace in which there is no Secret, but perhaps an entry of that name. */
export function unlistedLeftover(
  { namespace, name: secret }: Pick<CachedPullSecret, 'namespace' | 'name'>,
  error: unknown,
): Leftover {
  const why = renderError(error);
  const message = `ServiceAccounts that name it could not be looked for: ${why}`;
  const fix = `grant the Role in namespace ${namespace}, and repeat cleanup`;
  return { namespace, secret, kind: 'failed', message, fix };
}

/** The line takes out what stands there now and nothing else: it fails where the list has changed. */
export function orphanedReferencesOf(
  { namespace, name, imagePullSecrets }: CachedServiceAccount,
  secret: string,
): readonly OrphanedReference[] {
  const index = imagePullSecrets.findIndex((entry) => entry.name === secret);
  if (index < 0) return [];
  const path = `/imagePullSecrets/${index}`;
  const patch = JSON.stringify([
    { op: 'test', path: `${path}/name`, value: secret },
    { op: 'remove', path },
  ]);
  const fix = `kubectl -n ${namespace} patch serviceaccount ${name} --type=json -p='${patch}'`;
  return [{ namespace, serviceAccount: name, secret, fix }];
}

/** `trouble`: what the last try to take it out failed with; `undefined` where nothing was tried. */
export function orphanedReferenceLeft(
  entry: OrphanedReference,
  trouble: unknown,
): OrphanedReference {
  return trouble === undefined ? entry : { ...entry, message: renderError(trouble) };
}

function leftover(
  { namespace, name }: CachedPullSecret,
  kind: LeftoverKind,
  message: string,
  fix?: string,
): Leftover {
  return { namespace, secret: name, kind, message, ...(fix === undefined ? {} : { fix }) };
}
