/** Why listing or watching ended, and what follows from it: one row per cause, in one place. */
import { ControllerError } from '../../domain/errors.ts';
import {
  ApiError,
  isForbidden,
  isGone,
  isThrottled,
  isUnauthorized,
} from '../transport/api-error.ts';

/** Also the values of a metric label. */
export type EndCause =
  /** The server closed it in good order. */
  | 'ended'
  | 'cut'
  /** Not a byte for longer than bookmarks take. */
  | 'silent'
  /** The time of the regular relist has come. */
  | 'relist'
  /** Our version is too old (410). */
  | 'gone'
  /** 401 or 403. */
  | 'denied'
  | 'throttled'
  /** Any other refusal. */
  | 'refused'
  | 'malformed'
  /** No answer at all. */
  | 'unreachable'
  /** A fault of ours. */
  | 'failed';

export interface Ending {
  readonly cause: EndCause;
  readonly error?: unknown;
  readonly retryAfterMs?: number | undefined;
}

export interface Reaction {
  /** `ifShort`: back off only where the watch did not last. */
  readonly backOff: 'never' | 'ifShort' | 'always';
  /** `afterSeveral`: when it has happened again and again without one good frame in between. */
  readonly relist: 'never' | 'afterSeveral' | 'always';
}

export const REACTIONS: Readonly<Record<EndCause, Reaction>> = {
  ended: { backOff: 'ifShort', relist: 'never' },
  cut: { backOff: 'ifShort', relist: 'never' },
  // A restored etcd has versions below ours, and tells a watch from there nothing for a long time.
  silent: { backOff: 'ifShort', relist: 'afterSeveral' },
  relist: { backOff: 'never', relist: 'always' },
  gone: { backOff: 'always', relist: 'always' },
  // Where only the watch is denied, lists keep us going.
  denied: { backOff: 'always', relist: 'always' },
  throttled: { backOff: 'always', relist: 'never' },
  refused: { backOff: 'always', relist: 'afterSeveral' },
  malformed: { backOff: 'always', relist: 'afterSeveral' },
  unreachable: { backOff: 'always', relist: 'never' },
  failed: { backOff: 'always', relist: 'afterSeveral' },
};

/** What a person can do about it, where that is not for the program alone. */
export const FIXES: Readonly<Partial<Record<EndCause, string>>> = {
  denied:
    'on 403 give our ServiceAccount the rights of the ClusterRole in manifests/install.yaml (with namespaces.only those of a Role in each namespace), on 401 a valid token; both are tried again by themselves',
  unreachable:
    'check the address in the kubeconfig, the network policies and the API server; it is tried again by itself',
};

export function endingOf(error: unknown): Ending {
  return {
    cause: causeOf(error),
    error,
    retryAfterMs: error instanceof ApiError ? error.retryAfterMs : undefined,
  };
}

const CAUSE_BY_CODE: Readonly<Record<string, EndCause>> = {
  API_STREAM_CUT: 'cut',
  API_STREAM_IDLE: 'silent',
  API_LINE_TOO_LONG: 'malformed',
  API_MALFORMED_ANSWER: 'malformed',
  API_UNREACHABLE: 'unreachable',
  API_TIMEOUT: 'unreachable',
  API_CREDENTIALS_UNREADABLE: 'unreachable',
};

function causeOf(error: unknown): EndCause {
  if (isGone(error)) return 'gone';
  if (isUnauthorized(error) || isForbidden(error)) return 'denied';
  if (isThrottled(error)) return 'throttled';
  if (error instanceof ApiError) return 'refused';
  const code = error instanceof ControllerError ? error.code : '';
  return CAUSE_BY_CODE[code] ?? 'failed';
}
