/**
 * Plans again for a step that had to wait: for an answer from the server, for the request budget, or for a connection. A
 * profile may have been withdrawn in the meantime.
 */
import { TransientError } from '../../domain/errors.ts';
import { type EntryPlan, withdrawnIn } from '../../domain/plan/entry-plan.ts';
import type { Step, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { CachedServiceAccount, ObservedNamespace } from '../../domain/state/observed.ts';
import { planNow } from './plan-now.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/**
 * The same write, planned on what the caches hold now. It must be of the same version of the Secret, because what was read
 * from one is worthless for another, and must withdraw exactly the profiles whose removal was confirmed. Throws a
 * `TransientError` if there is no such write.
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

/**
 * The fence: the check right before the request is sent. Throws a `TransientError` if the plan of this moment has no such
 * step.
 */
export function assertStillPlanned(
  step: Step,
  observed: ObservedNamespace,
  context: ReconcileContext,
): void {
  const subject = subjectOf(step);
  const account = 'account' in step ? step.account : undefined;
  const isPlanned = stepsNow(observed, context, account).some(
    (each) => subjectOf(each) === subject,
  );
  if (!isPlanned) throw outdated(step);
}

/** `account`: plans for this ServiceAccount only. A namespace may have thousands, and each of their steps asks. */
function stepsNow(
  observed: ObservedNamespace,
  context: ReconcileContext,
  account?: CachedServiceAccount,
): readonly Step[] {
  const latest = context.cluster.observe(observed.name);
  if (latest?.uid !== observed.uid) return [];
  const now = context.clock.now();
  if (account === undefined) return planNow(latest, context, now, true).steps;
  const serviceAccounts = latest.serviceAccounts.filter(({ uid }) => uid === account.uid);
  return planNow({ ...latest, serviceAccounts }, context, now).steps;
}

function outdated({ kind }: Step): TransientError {
  return new TransientError(`${kind}: the namespace has changed in the meantime`, {
    code: 'PLAN_OUTDATED',
  });
}

/** Which version of the Secret the step changes and what becomes of each entry, but not why, nor with which token. */
function subjectOf(step: Step): string {
  if ('account' in step) return `${step.kind} ${step.account.uid}`;
  const { kind, existing } = step;
  const entries = kind === 'writeSecret' ? step.entries.map(outcomeOf) : [];
  return [kind, existing?.uid, existing?.resourceVersion, ...entries].join(' ');
}

function outcomeOf(row: EntryPlan): string {
  const { verdict, profile, record } = row;
  return verdict === 'renew'
    ? `${verdict}/${profile}/${row.need.login.identity.hash}/${String(row.need.login.hosts)}`
    : `${verdict}/${profile}/${record?.identity}/${String(record?.registries)}`;
}
