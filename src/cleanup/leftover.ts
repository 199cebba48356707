/** Why a Secret of our name is still there, and what a person can do about it. */
import { ControllerError, ObsoleteError, StalledError, renderError } from '../domain/errors.ts';
import type { PullSecretRecord, ServiceAccountRecord } from '../domain/state/observed.ts';
import { isOurs } from '../domain/state/ownership.ts';
import type { Leftover, LeftoverKind, StrayEntry } from './report.ts';

/** `isDeletable`: by the rule of ownership, and nobody has deleted it yet. */
export function isDeletable({ appliedByUs, terminating }: PullSecretRecord): boolean {
  return appliedByUs && !terminating;
}

/** `trouble`: what the last try to delete it failed with; `undefined` where nothing was tried. */
export function leftoverOf(pullSecret: PullSecretRecord, trouble?: unknown): Leftover {
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
    const mend = `see who: kubectl -n ${namespace} get secret ${name} -o jsonpath='{.metadata.finalizers}'`;
    return leftover(pullSecret, 'held', message, mend);
  }
  if (!pullSecret.appliedByUs) {
    const message =
      'it bears our label, but was not written by us since (from a backup?): nothing proves that it is ours to delete';
    const mend = `${byHand} (or let the controller go on until it has refreshed it, and repeat)`;
    return leftover(pullSecret, 'unproven', message, mend);
  }
  return leftover(pullSecret, 'pending', 'not deleted yet', 'repeat cleanup');
}

function failedLeftover(pullSecret: PullSecretRecord, error: unknown): Leftover {
  if (error instanceof ObsoleteError) return leftover(pullSecret, 'namespaceGoing', error.message);
  if (!(error instanceof ControllerError)) {
    return leftover(pullSecret, 'failed', renderError(error), 'repeat cleanup');
  }
  const { code, message } = error;
  const remedy = code === 'WRITE_REFUSED' ? 'mend what refuses it' : error.remedy;
  const mend = remedy === undefined ? 'repeat cleanup' : `${remedy}, and repeat cleanup`;
  return leftover(pullSecret, code === MADE_ANEW ? 'madeAnew' : 'failed', message, mend);
}

const MADE_ANEW = 'CLEANUP_UNDONE';

export function madeAnew(): StalledError {
  const message =
    'deleted twice, and there again: a controller that does not heed the mark makes it';
  return new StalledError(message, {
    code: MADE_ANEW,
    remedy: 'stop what runs with --leader-elect false or in an older version',
  });
}

export function namespaceGoing(): ObsoleteError {
  const message = 'its namespace is being deleted, and takes it along';
  return new ObsoleteError(message, { code: 'NAMESPACE_GOING' });
}

/** What is known of a namespace whose Secrets could not be looked at. `refused`: neither could the namespace itself. */
export type NamespaceState = 'there' | 'going' | 'refused';

export function unreadLeftover(
  { namespace, name: secret }: Pick<PullSecretRecord, 'namespace' | 'name'>,
  state: NamespaceState,
  error: unknown,
): Leftover {
  const why = renderError(error);
  switch (state) {
    case 'there': {
      const mend = `grant the Role in namespace ${namespace}, and repeat cleanup`;
      const message = `could not be looked for: ${why}`;
      return { namespace, secret, kind: 'failed', message, mend };
    }
    case 'going': {
      const message = 'its namespace is gone, or being deleted, and takes it along';
      return { namespace, secret, kind: 'namespaceGoing', message };
    }
    case 'refused': {
      const message = `could not be looked for, nor could its namespace; if that is gone, nothing is left: ${why}`;
      const mend = `see for yourself: kubectl -n ${namespace} get secret ${secret} (if it is there, grant the Role in the namespace, and repeat cleanup)`;
      return { namespace, secret, kind: 'unknown', message, mend };
    }
  }
}

/** Of a namespace in which there is no Secret, but perhaps an entry of that name. */
export function unlistedLeftover(
  { namespace, name: secret }: Pick<PullSecretRecord, 'namespace' | 'name'>,
  error: unknown,
): Leftover {
  const why = renderError(error);
  const message = `ServiceAccounts that name it could not be looked for: ${why}`;
  const mend = `grant the Role in namespace ${namespace}, and repeat cleanup`;
  return { namespace, secret, kind: 'failed', message, mend };
}

/** The line takes out what stands there now and nothing else: it fails where the list has changed. */
export function strayEntriesOf(
  { namespace, name, imagePullSecrets }: ServiceAccountRecord,
  secret: string,
): readonly StrayEntry[] {
  const index = imagePullSecrets.findIndex((entry) => entry.name === secret);
  if (index < 0) return [];
  const path = `/imagePullSecrets/${index}`;
  const patch = JSON.stringify([
    { op: 'test', path: `${path}/name`, value: secret },
    { op: 'remove', path },
  ]);
  const mend = `kubectl -n ${namespace} patch serviceaccount ${name} --type=json -p='${patch}'`;
  return [{ namespace, serviceAccount: name, secret, mend }];
}

/** `trouble`: what the last try to take it out failed with; `undefined` where nothing was tried. */
export function strayLeft(entry: StrayEntry, trouble: unknown): StrayEntry {
  return trouble === undefined ? entry : { ...entry, message: renderError(trouble) };
}

function leftover(
  { namespace, name }: PullSecretRecord,
  kind: LeftoverKind,
  message: string,
  mend?: string,
): Leftover {
  return { namespace, secret: name, kind, message, ...(mend === undefined ? {} : { mend }) };
}
