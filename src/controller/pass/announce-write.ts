/** Emits an Event for the users of a namespace when a write changed more than the tokens of their Secret. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import { withdrawnIn } from '../../domain/plan/entry-plan.ts';
import type { WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** A mere refresh emits nothing: it is routine. */
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
      const names = withdrawnIn(entries).map((name) => `"${name}"`);
      const [subject, object] = names.length === 1 ? ['profile', 'it'] : ['profiles', 'them'];
      return {
        reason: 'ProfileWithdrawn',
        message: `${subject} ${names.join(', ')} removed from pull secret "${secretName}": this namespace may no longer use ${object}`,
      };
    }
    case 'profilesChanged':
    case 'refreshRequested':
    case 'due':
      return undefined;
  }
}
