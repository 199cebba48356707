/** Turns conditions, failures and repair wars into troubles that the namespace's users can read. */
import type { Condition } from '../../domain/eligibility/conditions.ts';
import { ControllerError, ObsoleteError, renderError } from '../../domain/errors.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { StepFailure } from './apply-steps.ts';
import type { OverdueStep } from '../memory/overdue-steps.ts';
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

/**
 * For steps that have been due for minutes, whatever holds them up, unless their failure is a trouble of its own. One for
 * the Secret and one for all ServiceAccounts, of which a namespace may have thousands.
 */
export function troublesOfOverdue(
  steps: readonly OverdueStep[],
  observed: ObservedNamespace,
): readonly Trouble[] {
  const silent = steps.filter(({ error }) => !hasReason(error));
  const ofSecret = silent.find(({ step }) => !('account' in step));
  const ofAccounts = silent.find(({ step }) => 'account' in step);
  return [ofSecret, ofAccounts].flatMap((one) =>
    one === undefined ? [] : [troubleOfOverdue(one, observed)],
  );
}

function troubleOfOverdue({ step, error }: OverdueStep, observed: ObservedNamespace): Trouble {
  const about = aboutNamespace(observed);
  const verb = step.kind === 'deleteSecret' ? 'deleted' : 'written';
  const object = 'account' in step ? `ServiceAccount "${step.account.name}"` : 'the pull secret';
  return error === undefined
    ? {
        reason: 'WriteDelayed',
        message: `${object} has waited for more than two minutes to be ${verb}: the API server responds slowly, or too many namespaces wait. Ask the administrator to check the controller`,
        about,
      }
    : {
        reason: 'WriteFailing',
        message: `${object} could not be ${verb} for more than two minutes: ${renderError(error)}`,
        about,
      };
}

function hasReason(error: unknown): boolean {
  return error instanceof ControllerError && error.eventReason !== undefined;
}

function isOfProfiles({ reason }: WriteSecretStep): boolean {
  return reason === 'profilesChanged' || reason === 'profileWithdrawn';
}

function aboutNamespace(observed: ObservedNamespace): NamespaceEvent['about'] {
  return { kind: 'Namespace', uid: observed.uid };
}
