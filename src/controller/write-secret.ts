/** Writes the Secret with tokens that do. Nothing is written from a mint that failed. */
import { TransientError } from '../domain/errors.ts';
import type { ObservedNamespace } from '../domain/observed.ts';
import type { GrantNeed, WriteSecretStep } from '../domain/plan-model.ts';
import { configHashOf } from '../domain/plan-secret.ts';
import { type Entry, renderPullSecret } from '../domain/pull-secret.ts';
import { jitterOf } from '../domain/refresh-policy.ts';
import { renderTokenRecords } from '../domain/token-record.ts';
import { planNow } from './plan-now.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** Throws a `TransientError` when, by the time the tokens are there, they are no longer what the namespace may have. */
export async function writeSecret(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<void> {
  const entries = await Promise.all(
    step.grants.map((need) => obtainEntry(need, observed, context, signal)),
  );
  const current = currentStep(step, observed, context);
  const configHash = configHashOf(current.profiles);
  const { refreshRequestedAt } = current;
  const content = renderPullSecret(entries, { configHash, refreshRequestedAt });
  await context.pullSecrets.write(observed.name, content, current.existing, signal);
  announce(step, observed, context);
}

async function obtainEntry(
  need: GrantNeed,
  observed: ObservedNamespace,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Entry> {
  const { profile, grant, notBefore, notOutlivedBy, outlives, holdsLiveToken } = need;
  const token = await context.tokens.obtain(
    {
      identity: grant.identity,
      profile,
      jitter: jitterOf(observed.uid),
      refresh: context.settings().refresh,
      notBefore,
      notOutlivedBy,
      outlives,
      holdsLiveToken,
    },
    signal,
  );
  return { profile, hosts: grant.hosts, token };
}

/**
 * Minting takes time, in which the namespace can opt out, lose its right to the profile, or get another Secret. So the
 * write is planned once more on what the caches hold now.
 */
function currentStep(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
): WriteSecretStep {
  const latest = context.cluster.observe(observed.name);
  const steps = latest?.uid === observed.uid ? planNow(latest, context, false).steps : [];
  const current = steps.find((candidate) => candidate.kind === 'writeSecret');
  const isSame =
    current !== undefined &&
    configHashOf(current.profiles) === configHashOf(step.profiles) &&
    current.refreshRequestedAt === step.refreshRequestedAt &&
    // Other tokens there now: ours were chosen against those that were there before, and may be older.
    tokensIn(current) === tokensIn(step);
  if (!isSame) {
    throw new TransientError('writing the pull secret: the namespace changed meanwhile', {
      code: 'PLAN_OUTDATED',
    });
  }
  return current;
}

function tokensIn({ existing }: WriteSecretStep): string {
  return renderTokenRecords(existing?.tokens ?? []);
}

function announce(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  { events, instance }: ReconcileContext,
): void {
  const reason = ANNOUNCED_AS[step.reason];
  if (reason === undefined) return;
  events.emit({
    type: 'Normal',
    reason,
    message: `pull secret "${instance.secretName}" ${reason === 'PullSecretCreated' ? 'created' : 'restored'}`,
    namespace: observed.name,
    about: { kind: 'Namespace', uid: observed.uid },
  });
}

/** A refresh is what we are for: it is not news. */
const ANNOUNCED_AS: Readonly<Record<WriteSecretStep['reason'], string | undefined>> = {
  missing: 'PullSecretCreated',
  restored: 'PullSecretRestored',
  tampered: 'PullSecretRestored',
  profilesChanged: undefined,
  refreshRequested: undefined,
  due: undefined,
};
