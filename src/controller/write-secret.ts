/** Writes the Secret with what can be had: new tokens, else what it holds. Nothing is written from a mint that failed. */
import { recordsToCarry } from '../domain/carried-records.ts';
import { type ControllerError, TransientError } from '../domain/errors.ts';
import type { ObservedNamespace } from '../domain/observed.ts';
import type { WriteSecretStep } from '../domain/plan-model.ts';
import { renderPullSecret } from '../domain/pull-secret.ts';
import { renderTokenRecords } from '../domain/token-record.ts';
import { isWorthWriting, satisfiedRequest } from '../domain/worth-writing.ts';
import { configHashOf } from '../domain/write-reason.ts';
import { announceWrite } from './announce-write.ts';
import { carryEntries, nothingToCarry } from './carry-entries.ts';
import { obtainTokens } from './obtain-tokens.ts';
import { planNow } from './plan-now.ts';
import type { ReconcileContext } from './reconcile-context.ts';

export interface WriteResult {
  readonly isWritten: boolean;
  /** Why there are not all the tokens that there should be. */
  readonly failures: readonly ControllerError[];
}

/**
 * Throws a `TransientError` when, by the time the tokens are there, they are no longer what the namespace may have, and
 * what the ports throw.
 */
export async function writeSecret(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<WriteResult> {
  const obtained = await obtainTokens(step, observed, context, signal);
  const { entries: fresh, failures } = obtained;
  // Those that have failed are told all the same: they have not recovered because another is being minted.
  if (obtained.isPatienceAsked) return { isWritten: false, failures };
  const kept = recordsToCarry(step, fresh, context.clock.now());
  if (failures.length > 0 && !isWorthWriting(step, fresh, kept)) {
    return { isWritten: false, failures };
  }

  const carried = await carryEntries(kept, step, context, signal);
  const entries = [...fresh, ...carried];
  if (entries.length === 0) throw nothingToCarry(observed.name);
  const current = currentStep(step, observed, context);
  const content = renderPullSecret(entries, {
    configHash: configHashOf(current.profiles),
    refreshRequestedAt: satisfiedRequest(current, fresh, carried),
  });
  await context.pullSecrets.write(observed.name, content, current.existing, signal);
  announceWrite(step, observed, context);
  return { isWritten: true, failures };
}

/**
 * Minting takes time, in which the namespace can opt out, lose its right to a profile, or get another Secret. So the
 * write is planned once more on what the caches hold now.
 */
function currentStep(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
): WriteSecretStep {
  const latest = context.cluster.observe(observed.name);
  const steps = latest?.uid === observed.uid ? planNow(latest, context, false).steps : [];
  const current = steps.find(({ kind }) => kind === 'writeSecret');
  if (current?.kind !== 'writeSecret' || intentOf(current) !== intentOf(step)) {
    throw new TransientError('writing the pull secret: the namespace changed meanwhile', {
      code: 'PLAN_OUTDATED',
    });
  }
  return current;
}

/** What the tokens at hand were chosen for. */
function intentOf(step: WriteSecretStep): string {
  const { profiles, grants, carried, withdrawn, refreshRequestedAt, existing } = step;
  return JSON.stringify([
    configHashOf(profiles),
    grants.map(({ profile, grant }) => [profile, grant.identity.hash]),
    renderTokenRecords(carried),
    withdrawn,
    refreshRequestedAt,
    // Other tokens there now: ours were chosen against those that were there before, and may be older.
    renderTokenRecords(existing?.tokens ?? []),
    carried.length > 0 ? existing?.uid : undefined,
  ]);
}
