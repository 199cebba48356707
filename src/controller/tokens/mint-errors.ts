/** The mint failures that the token store itself finds, how a failure is counted, and how a namespace reports it. */
import {
  type ControllerError,
  StalledError,
  TransientError,
  WaitingError,
} from '../../domain/errors.ts';
import type { Identity } from '../../domain/identity.ts';
import type { TokenNeed } from '../../domain/token/token-need.ts';
import type { NoToken } from './token-answer.ts';

const EVENT_REASON = 'TokenRequestFailed';

/** The value of the metric's label `result`. */
export function resultOf(failure: ControllerError): string {
  const { code } = failure;
  if (code === 'ECR_UNTRUSTED_EXPIRY') return 'untrusted_expiry';
  if (code === 'ECR_INVALID_ANSWER') return 'invalid';
  if (code === 'ECR_TOKEN_REFUSED') return 'refused';
  if (code.endsWith('_DENIED')) return 'denied';
  if (code.endsWith('_THROTTLED')) return 'throttled';
  if (code.endsWith('_TIMEOUT')) return 'timeout';
  return 'failed';
}

export function mintTimedOut(identity: Identity, deadlineMs: number): TransientError {
  return new TransientError(
    `can't mint an ECR token in ${identity.region}: no response within ${deadlineMs / 1000} s`,
    {
      code: 'ECR_TIMEOUT',
      eventReason: EVENT_REASON,
      fix: 'check that the ECR and STS endpoints can be reached (DNS, proxy, VPC endpoint, egress policy)',
    },
  );
}

export function untrustedExpiry(identity: Identity): TransientError {
  return new TransientError(
    `can't mint an ECR token in ${identity.region}: ECR's response has an implausible expiry, so its token does not replace one that is still valid`,
    {
      code: 'ECR_UNTRUSTED_EXPIRY',
      eventReason: EVENT_REASON,
      fix: 'check the clock of the node',
    },
  );
}

/** For what a minter threw against its contract. Its text is not repeated, because it may contain anything. */
export function unexpected(identity: Identity, error: unknown): StalledError {
  const name = error instanceof Error ? error.name : typeof error;
  const frame = error instanceof Error ? /^ +at .*$/m.exec(error.stack ?? '')?.[0].trim() : '';
  return new StalledError(
    `can't mint an ECR token in ${identity.region}: unexpected ${name} ${frame ?? ''}`,
    {
      code: 'TOKEN_REQUEST_BROKEN',
      eventReason: EVENT_REASON,
      fix: 'this is a bug in the program, please report it',
    },
  );
}

/**
 * What a namespace reports that gets no token now. The message of a failure is repeated with the name of the profile,
 * because one identity may serve many, and without roles and accounts, which concern only the administrator (the log has
 * them). It is reported until a mint succeeds, also while another mint is under way.
 */
export function withoutToken({ profile, login }: TokenNeed, answer: NoToken): WaitingError {
  const { until, failure } = answer;
  if (failure !== undefined) {
    const { message, code, eventReason, fix } = failure;
    return new WaitingError(`profile "${profile}": ${withoutAccounts(message)}`, {
      code,
      eventReason,
      fix: fix === undefined ? undefined : withoutAccounts(fix),
      until,
      cause: failure,
    });
  }
  const waiting = `waiting for an ECR token in ${login.identity.region}`;
  return answer.kind === 'minting'
    ? new WaitingError(`${waiting}: it is being minted`, { code: 'TOKEN_UNDER_WAY', until })
    : new WaitingError(`${waiting}: the last one was minted a moment ago`, {
        code: 'TOKEN_TOO_SOON',
        until,
      });
}

function withoutAccounts(text: string): string {
  return text
    .replace(/\barn:[\w-]+:[^\s"',;()]*/g, '[arn]')
    .replace(/(?<![\w-])\d{12}(?![\w-])/g, '[account]');
}
