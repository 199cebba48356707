/** The failures of a mint that the token store itself finds, and how a failure is counted. */
import {
  type ControllerError,
  StalledError,
  TransientError,
  WaitingError,
} from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';

const EVENT_REASON = 'TokenRequestFailed';

/** The value of the metric's label `result`, from what the code says. */
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
    `minting ECR token in ${identity.region}: no answer within ${deadlineMs / 1000} s; check that the ECR and STS endpoints can be reached (DNS, proxy, VPC endpoint, egress policy)`,
    { code: 'ECR_TIMEOUT', eventReason: EVENT_REASON },
  );
}

export function untrustedExpiry(identity: Identity): TransientError {
  return new TransientError(
    `minting ECR token in ${identity.region}: the answer's expiry can't be believed, so it replaces no live token; check the clock of the node`,
    { code: 'ECR_UNTRUSTED_EXPIRY', eventReason: EVENT_REASON },
  );
}

/** What a minter threw against its contract. Its text is not repeated: nobody knows what is in it. */
export function unexpected(identity: Identity, error: unknown): StalledError {
  const name = error instanceof Error ? error.name : typeof error;
  const frame = error instanceof Error ? /^ +at .*$/m.exec(error.stack ?? '')?.[0].trim() : '';
  return new StalledError(
    `minting ECR token in ${identity.region}: unexpected ${name} ${frame ?? ''}; this is a fault of the program, please report it`,
    { code: 'TOKEN_REQUEST_BROKEN', eventReason: EVENT_REASON },
  );
}

/** What everybody hears until the next attempt: the last failure in its own words, or that it is too soon. */
export function waitingForToken(
  identity: Identity,
  failure: ControllerError | undefined,
  until: Date,
): WaitingError {
  if (failure === undefined) {
    return new WaitingError(
      `waiting for the next ECR token in ${identity.region}: the last one was minted a moment ago`,
      { code: 'TOKEN_TOO_SOON', until },
    );
  }
  const { message, code, eventReason, remedy } = failure;
  return new WaitingError(message, { code, eventReason, remedy, until, cause: failure });
}

/** Nothing is new yet: what was said of the last failure still holds. */
export function mintUnderWay(
  identity: Identity,
  failure: ControllerError | undefined,
  until: Date,
): WaitingError {
  if (failure !== undefined) return waitingForToken(identity, failure, until);
  return new WaitingError(`waiting for an ECR token in ${identity.region}: it is being minted`, {
    code: 'TOKEN_UNDER_WAY',
    until,
  });
}

/** Nothing has failed: the token is there in a moment, or nobody waits for it any more. */
export function isPatienceAsked({ code }: ControllerError): boolean {
  return ['TOKEN_TOO_SOON', 'TOKEN_UNDER_WAY', 'ABORTED'].includes(code);
}

/**
 * The failure in words for the people of a namespace: with the name of the profile, for one identity may serve many,
 * and without roles and accounts, which are nobody's business but the administrator's. The log has them.
 */
export function namingProfile(profile: string, failure: ControllerError): ControllerError {
  const message = `profile "${profile}": ${withoutAccounts(failure.message)}`;
  const { code, eventReason } = failure;
  const remedy = failure.remedy === undefined ? undefined : withoutAccounts(failure.remedy);
  const details = { code, eventReason, remedy, cause: failure };
  if (failure instanceof WaitingError) {
    return new WaitingError(message, { ...details, until: failure.until });
  }
  return failure instanceof StalledError
    ? new StalledError(message, details)
    : new TransientError(message, details);
}

function withoutAccounts(text: string): string {
  return text
    .replace(/\barn:[\w-]+:[^\s"',;()]*/g, '[arn]')
    .replace(/(?<![\w-])\d{12}(?![\w-])/g, '[account]');
}

/** The caller, or the whole store, has stopped waiting. */
export function abandoned(identity: Identity): TransientError {
  return new TransientError(`waiting for an ECR token in ${identity.region} was given up`, {
    code: 'ABORTED',
  });
}
