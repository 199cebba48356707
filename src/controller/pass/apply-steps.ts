/** Carries out the steps of a plan in parallel: attaching never waits for AWS. */
import { inParallel } from '../../base/in-parallel.ts';
import { ControllerError } from '../../domain/errors.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step } from '../../domain/plan/plan-model.ts';
import { removes } from '../../domain/plan/secret-steps.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { assertStillPlanned } from './plan-again.ts';
import { type WriteResult, writeSecret } from './write-secret.ts';

/** Per namespace: one with thousands of ServiceAccounts must not take the whole request budget. */
const CONCURRENT_STEPS = 8;
/** One for a write that hangs, one for the others. */
export const CONCURRENT_SLOW_STEPS = 2;
/** The rest is for later passes, so that others get their turn in between. */
const MOST_STEPS = 64;

export interface StepFailure {
  readonly step: Step;
  readonly error: unknown;
}

export interface AppliedSteps {
  readonly failures: readonly StepFailure[];
  /** Steps were left for the next pass. */
  readonly isUnfinished: boolean;
}

/**
 * Tries each step that the pass has room for, even if others fail, and resolves with all failures. Unless a removal must be confirmed, the first
 * steps begin before this returns, and so act on what was just observed.
 */
export async function applySteps(
  steps: readonly Step[],
  observed: ObservedNamespace,
  context: ReconcileContext,
  pass: Pass,
): Promise<AppliedSteps> {
  const { signal } = pass;
  if (removes(steps)) {
    const unconfirmed = await confirmNamespace(steps, observed, context, pass);
    if (unconfirmed.length > 0) return { failures: unconfirmed, isUnfinished: false };
  }
  let left = steps.length;
  const failures: StepFailure[] = [];

  function note(step: Step, error: unknown): void {
    failures.push({ step, error });
    if (error instanceof ControllerError && error.isRefusal) noteStamp(step);
    context.overdue.failed(observed.name, step, error);
    const isExpected = error instanceof ControllerError || signal.aborted;
    const fields = { ...describe(step, observed), err: error };
    if (isExpected) context.log.debug(fields, 'step failed');
    // An unclassified error is a bug: a person must know.
    else context.log.error(fields, 'step failed with a program fault');
  }

  function noteStamp(step: Step): void {
    const stamp = step.kind === 'annotateSecret' ? step.removalDueAt : undefined;
    if (typeof stamp === 'string') context.removals.stamped(observed, stamp);
  }

  const atOnce = pass.lane === 'slow' ? CONCURRENT_SLOW_STEPS : CONCURRENT_STEPS;
  await inParallel(steps.slice(0, MOST_STEPS), { atOnce }, async (step) => {
    // Each pass makes some progress, even if its confirmation took all the time that it has.
    const isFirst = left === steps.length;
    if (!isFirst && !pass.mayBegin) return;
    left -= 1;
    try {
      const result = await pass.inFlight(() => applyStep(step, observed, context, pass));
      for (const error of result.failures) note(step, error);
      if (!result.isWritten) return;
      noteStamp(step);
      context.overdue.done(observed.name, step);
      context.damper.record(observed.name, step, context.clock.now());
      context.log.info(describe(step, observed), 'applied step');
    } catch (error) {
      note(step, error);
    }
  });
  return { failures, isUnfinished: left > 0 };
}

/** A removal can't be undone, so it does not rely on a cache: the namespace is read from the server first. */
async function confirmNamespace(
  steps: readonly Step[],
  observed: ObservedNamespace,
  { namespaces }: ReconcileContext,
  { signal, lane, inFlight, sent }: Pass,
): Promise<readonly StepFailure[]> {
  try {
    await inFlight(() => namespaces.confirmUnchanged(observed, { signal, lane, confirm: sent }));
    return [];
  } catch (error) {
    return steps.map((step) => ({ step, error }));
  }
}

async function applyStep(
  step: Step,
  observed: ObservedNamespace,
  context: ReconcileContext,
  pass: Pass,
): Promise<WriteResult> {
  const { pullSecrets, serviceAccounts } = context;
  const { signal, lane } = pass;
  const confirm = (): void => {
    assertStillPlanned(step, observed, context);
    pass.sent();
  };
  const attempt = { signal, lane, confirm };
  switch (step.kind) {
    case 'writeSecret':
      return writeSecret(step, observed, context, pass);
    case 'annotateSecret':
      await pullSecrets.annotate(
        step.existing,
        {
          removalDueAt: step.removalDueAt,
          restoreLabels: step.reason === 'labelsStripped',
          removeDataKeys: step.reason === 'dataAdded' ? step.existing.foreignDataKeys : [],
        },
        { signal, lane, confirm: pass.sent },
      );
      return DONE;
    case 'attach':
      await serviceAccounts.attach(step.account, attempt);
      return DONE;
    case 'detach':
      await serviceAccounts.detach(step.account, attempt);
      return DONE;
    case 'deleteSecret':
      await pullSecrets.delete(step.existing, attempt);
      context.events.emit({
        type: 'Normal',
        reason: 'PullSecretRemoved',
        message: `pull secret "${step.existing.name}" removed: ${REMOVAL_CAUSE[step.reason]}`,
        namespace: observed.name,
        about: { kind: 'Namespace', uid: observed.uid },
      });
      return DONE;
  }
}

const DONE: WriteResult = { isWritten: true, failures: [] };

const REMOVAL_CAUSE = {
  optedOut: 'the namespace is no longer opted in',
  profileWithdrawn: 'the profile is no longer allowed in this namespace',
} as const;

function describe(step: Step, observed: ObservedNamespace): Readonly<Record<string, unknown>> {
  const serviceAccount = 'account' in step ? { serviceAccount: step.account.name } : {};
  return { namespace: observed.name, step: step.kind, cause: step.reason, ...serviceAccount };
}
