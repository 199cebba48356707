/**
 * Tries a removal that is held back. While the brake is engaged, the server is only asked, by dry run: what it refuses
 * can't happen, and need not hold up the others. What only a refusal holds back is tried again, one at a time.
 */
import { inParallel } from '../../base/in-parallel.ts';
import { ControllerError, TransientError } from '../../domain/errors.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step } from '../../domain/plan/plan-model.ts';
import { removes } from '../../domain/plan/secret-steps.ts';
import type { Trouble } from '../memory/namespace-troubles.ts';
import type { Attempted } from '../memory/removals.ts';
import { type AppliedSteps, applySteps, type StepFailure } from './apply-steps.ts';
import { type PlanNow, planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { troubleOfFailure } from './troubles.ts';
import { writeSecret } from './write-secret.ts';

/** Of a namespace with thousands of ServiceAccounts, only so many are asked for. */
const MOST_ASKED = 64;
const ASKED_AT_ONCE = 8;

const NOTHING_TRIED: AppliedSteps = { failures: [], isUnfinished: false };

export interface CarriedOut extends AppliedSteps {
  /** What went wrong and concerns the users of the namespace; of a removal that is held back, why the server refuses it. */
  readonly troubles: readonly Trouble[];
}

/** Applies the steps of the plan, then tries a removal that it holds back. See `applySteps`. */
export async function carryOut(
  { steps, heldBack }: Pick<PlanNow, 'steps' | 'heldBack'>,
  observed: ObservedNamespace,
  context: ReconcileContext,
  pass: Pass,
): Promise<CarriedOut> {
  const { removals } = context;
  const applied = await applySteps(steps, observed, context, pass);
  const troubles = applied.failures.flatMap((failure) => troubleOfFailure(failure, observed));
  if (heldBack === undefined) {
    if (removes(steps)) removals.ended(observed, attemptedBy(applied.failures, observed));
    return { ...applied, troubles };
  }
  const tried = await tryHeldBack(observed.name, context, pass);
  return {
    failures: [...applied.failures, ...tried.failures],
    isUnfinished: applied.isUnfinished || tried.isUnfinished,
    troubles: [...troubles, ...removals.refusalsOf(observed)],
  };
}

async function tryHeldBack(
  name: string,
  context: ReconcileContext,
  pass: Pass,
): Promise<AppliedSteps> {
  const { removals, cluster, clock } = context;
  const observed = cluster.observe(name);
  if (observed === undefined || !removals.begin(observed, clock.monotonicMs())) {
    return NOTHING_TRIED;
  }
  let attempted: Attempted = { kind: 'unknown' };
  try {
    // It counts from now on, so the brake may be engaged by it.
    const { steps, heldBack } = planNow(observed, context, clock.now(), true);
    const removing = (heldBack ?? steps).filter((step) => removes([step]));
    // It may be over: then the next pass does the rest.
    if (removing.length === 0) return NOTHING_TRIED;
    const applied =
      heldBack === undefined
        ? await applySteps(removing, observed, context, pass)
        : await ask(removing, observed, context, pass);
    attempted = attemptedBy(applied.failures, observed);
    return applied;
  } finally {
    removals.ended(observed, attempted);
  }
}

/** What the failures say about the removal that is among the steps. */
function attemptedBy(failures: readonly StepFailure[], observed: ObservedNamespace): Attempted {
  const ofRemoval = failures.filter(({ step }) => removes([step]));
  const refused = ofRemoval.filter(
    ({ error }) => error instanceof ControllerError && error.isRefusal,
  );
  if (refused.length > 0) {
    const troubles = refused.flatMap((failure) => troubleOfFailure(failure, observed));
    return { kind: 'refused', troubles };
  }
  return { kind: ofRemoval.length > 0 ? 'unknown' : 'accepted' };
}

/** Asks for each step, and for the deletion that follows when all are detached. */
async function ask(
  steps: readonly Step[],
  observed: ObservedNamespace,
  context: ReconcileContext,
  pass: Pass,
): Promise<AppliedSteps> {
  const asked = steps.slice(0, MOST_ASKED);
  const failures: StepFailure[] = [];
  await inParallel(
    [...asked, ...deletionAfter(asked, observed)],
    { atOnce: ASKED_AT_ONCE },
    async (step) => {
      try {
        await pass.inFlight(() => tryDry(step, observed, context, pass));
      } catch (error) {
        failures.push({ step, error });
      }
    },
  );
  return { failures, isUnfinished: false };
}

function deletionAfter(steps: readonly Step[], { pullSecret }: ObservedNamespace): readonly Step[] {
  const detaching = steps.find(({ kind }) => kind === 'detach');
  if (detaching?.kind !== 'detach' || detaching.reason === 'notListed') return [];
  const { reason } = detaching;
  return pullSecret === undefined ? [] : [{ kind: 'deleteSecret', reason, existing: pullSecret }];
}

async function tryDry(
  step: Step,
  observed: ObservedNamespace,
  context: ReconcileContext,
  pass: Pass,
): Promise<void> {
  const { pullSecrets, serviceAccounts } = context.dryRuns;
  const attempt = { signal: pass.signal, lane: pass.lane, confirm: pass.sent };
  switch (step.kind) {
    case 'detach':
      return serviceAccounts.detach(step.account, attempt);
    case 'deleteSecret':
      return pullSecrets.delete(step.existing, attempt);
    case 'writeSecret': {
      const withoutEffect = { ...context, ...context.dryRuns, brake: RELEASED, events: SILENT };
      const { isWritten } = await writeSecret(step, observed, withoutEffect, pass);
      if (!isWritten) throw notAsked();
      return;
    }
    case 'attach':
    case 'annotateSecret':
  }
}

const RELEASED = { assess: () => ({ managed: 0, pending: 0, limit: 0, engaged: false }) };
const SILENT = { emit: () => undefined };

/** Without a token there is nothing that the server could be asked. */
function notAsked(): TransientError {
  return new TransientError('asking whether the pull secret may be written: it waits for a token', {
    code: 'NOT_ASKED',
  });
}
