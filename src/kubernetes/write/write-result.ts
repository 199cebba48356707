/** How a write that did not succeed is counted. */
import { ControllerError } from '../../domain/errors.ts';

/** Why a write is not sent: this replica does not lead any more, or the namespace has changed since the plan. */
const NOT_SENT: readonly string[] = ['NOT_LEADING', 'PLAN_OUTDATED'];

/** `dropped`: we gave it up ourselves, so nothing is wrong. `signal`: that of the attempt. */
export function resultOf(error: unknown, signal: AbortSignal): 'dropped' | 'failure' {
  const isUnsent = error instanceof ControllerError && NOT_SENT.includes(error.code);
  return isUnsent || signal.aborted ? 'dropped' : 'failure';
}
