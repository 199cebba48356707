/**
 * The plan of a later moment, for a step that had to wait: for an answer of the server, for the request budget, or for a
 * connection. A profile may have been withdrawn meanwhile.
 */
import { TransientError } from '../../domain/errors.ts';
import { type EntryPlan, withdrawnIn } from '../../domain/plan/entry-plan.ts';
import type { Step, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import { planNow } from './plan-now.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/**
 * The same write, planned on what the caches hold now. It has to be of the same Secret, for what was read of it is worth
 * nothing beside another one, and no profile may go whose removal nobody has confirmed. Throws a `TransientError` where
 * there is none.
 */
export function planWriteAgain(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
): WriteSecretStep {
  const confirmed = ({ existing, entries }: WriteSecretStep): string =>
    [existing?.uid, existing?.resourceVersion, ...withdrawnIn(entries)].join();
  const current = stepsNow(observed, context).find(({ kind }) => kind === 'writeSecret');
  if (current?.kind === 'writeSecret' && confirmed(current) === confirmed(step)) return current;
  throw outdated(step);
}

/** What nothing takes back once it is sent. */
type SecretStep = WriteSecretStep | Extract<Step, { readonly kind: 'deleteSecret' }>;

/** The last look, when the request is about to go out. Throws a `TransientError` where a plan of this moment has no such step. */
export function assertStillPlanned(
  step: SecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
): void {
  const isPlanned = stepsNow(observed, context).some(
    (each) =>
      (each.kind === 'writeSecret' || each.kind === 'deleteSecret') &&
      each.kind === step.kind &&
      subjectOf(each) === subjectOf(step),
  );
  if (!isPlanned) throw outdated(step);
}

function stepsNow(observed: ObservedNamespace, context: ReconcileContext): readonly Step[] {
  const latest = context.cluster.observe(observed.name);
  return latest?.uid === observed.uid ? planNow(latest, context, context.clock.now()).steps : [];
}

function outdated({ kind }: Step): TransientError {
  return new TransientError(`${kind}: the namespace changed meanwhile`, { code: 'PLAN_OUTDATED' });
}

/** Which version of the Secret it changes, and what becomes of each entry; not why, nor with which token. */
function subjectOf(step: SecretStep): string {
  const { existing } = step;
  const entries = step.kind === 'writeSecret' ? step.entries.map(outcomeOf) : [];
  return [existing?.uid, existing?.resourceVersion, ...entries].join(' ');
}

function outcomeOf(row: EntryPlan): string {
  const { verdict, profile, record } = row;
  return verdict === 'renew'
    ? `${verdict}/${profile}/${row.need.login.identity.hash}/${String(row.need.login.hosts)}`
    : `${verdict}/${profile}/${record?.identity}/${String(record?.registries)}`;
}
