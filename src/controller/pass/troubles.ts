/** Turns conditions, failures and repair wars into troubles that the namespace's users can read. */
import type { Condition } from '../../domain/eligibility/conditions.ts';
import { ControllerError, ObsoleteError, renderError } from '../../domain/errors.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { StepFailure } from './apply-steps.ts';
import type { NamespaceEvent } from '../ports/events.ts';
import type { Trouble } from '../memory/namespace-troubles.ts';

export function troubleOfCondition(condition: Condition, observed: ObservedNamespace): Trouble {
  const { reason, message, about } = condition;
  if (about === 'Namespace') return { reason, message, about: aboutNamespace(observed) };
  const { name, uid } = about.serviceAccount;
  return { reason, message, about: { kind: 'ServiceAccount', name, uid } };
}

/** Only failures that concern the namespace's users: conflicts and lost connections pass by themselves. */
export function troubleOfFailure(
  { error }: StepFailure,
  observed: ObservedNamespace,
): readonly Trouble[] {
  if (!(error instanceof ControllerError) || error instanceof ObsoleteError) return [];
  if (error.eventReason === undefined) return [];
  return [
    { reason: error.eventReason, message: renderError(error), about: aboutNamespace(observed) },
  ];
}

export function troubleOfDeferred(step: Step, observed: ObservedNamespace): Trouble {
  if (step.kind === 'writeSecret' && isOfProfiles(step)) {
    return {
      reason: 'AttachConflict',
      message:
        'the profiles for this pull secret keep changing, so it is written at most once a minute. Look for two controllers with different configurations, or a tool that keeps changing the annotations',
      about: aboutNamespace(observed),
    };
  }
  const object = 'account' in step ? `ServiceAccount "${step.account.name}"` : 'the pull secret';
  return {
    reason: 'AttachConflict',
    message: `another tool keeps undoing the controller's changes to ${object}, so they are now repeated only once a minute. Configure that tool (GitOps, a policy) to leave the pull secret and its reference alone`,
    about: aboutNamespace(observed),
  };
}

function isOfProfiles({ reason }: WriteSecretStep): boolean {
  return reason === 'profilesChanged' || reason === 'profileWithdrawn';
}

function aboutNamespace(observed: ObservedNamespace): NamespaceEvent['about'] {
  return { kind: 'Namespace', uid: observed.uid };
}
