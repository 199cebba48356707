/** One line of the doctor: what was checked, the result, and the fix if something is wrong. */
import { ControllerError, renderError } from '../domain/errors.ts';

export type Check = CheckSubject &
  (
    | {
        /** `info`: nothing that could be wrong. `skipped`: the message says why it was not checked. */
        readonly status: 'ok' | 'info' | 'skipped';
        readonly message: string;
      }
    | {
        /** `failed`: the controller can't do part of its job. `warning`: it can, but somebody should know. */
        readonly status: 'failed' | 'warning';
        readonly message: string;
        readonly fix: string;
      }
  );

interface CheckSubject {
  readonly name: CheckName;
  /** Which one of its kind, such as `watch secrets`. Never confidential. */
  readonly subject: string;
}

/** In the words of the thrown error. `otherwise`: the fix for an error that has none. */
export function failureOf(error: unknown, otherwise: string) {
  return error instanceof ControllerError
    ? ({ status: 'failed', message: error.message, fix: error.fix ?? otherwise } as const)
    : ({ status: 'failed', message: renderError(error), fix: otherwise } as const);
}

/**
 * In the order in which they are reported.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export const CHECK_NAMES = [
  'configuration',
  'api-server',
  'permissions',
  'policies',
  'installation',
  'network',
  'identity',
  'token',
  'registry',
  'clock',
] as const;
type CheckName = (typeof CHECK_NAMES)[number];

export const STATUSES = ['ok', 'info', 'warning', 'failed', 'skipped'] as const;

export function countFailed(checks: readonly Check[]): number {
  return checks.filter(({ status }) => status === 'failed').length;
}
