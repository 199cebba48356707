/** Tells the people of a namespace what became of their Secret. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import { withdrawnIn } from '../../domain/plan/entry-plan.ts';
import type { WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** A refresh is what we are for: it is not news. */
export function announceWrite(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  { events, instance }: Pick<ReconcileContext, 'events' | 'instance'>,
): void {
  const news = newsOf(step, instance.secretName);
  if (news === undefined) return;
  events.emit({
    type: 'Normal',
    ...news,
    namespace: observed.name,
    about: { kind: 'Namespace', uid: observed.uid },
  });
}

function newsOf(
  { reason, entries }: WriteSecretStep,
  secretName: string,
): { readonly reason: string; readonly message: string } | undefined {
  switch (reason) {
    case 'missing':
      return { reason: 'PullSecretCreated', message: `pull secret "${secretName}" created` };
    case 'restored':
    case 'tampered':
      return { reason: 'PullSecretRestored', message: `pull secret "${secretName}" restored` };
    case 'profileWithdrawn': {
      const names = withdrawnIn(entries)
        .map((name) => `"${name}"`)
        .join(', ');
      return {
        reason: 'ProfileWithdrawn',
        message: `removed from pull secret "${secretName}": profile ${names}, which the namespace may not use any more`,
      };
    }
    case 'profilesChanged':
    case 'refreshRequested':
    case 'due':
      return undefined;
  }
}
