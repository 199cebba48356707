/** Why a list or watch ended, and how to react: one row per cause, in one place. */
import { ControllerError } from '../../domain/errors.ts';
import {
  ApiError,
  isForbidden,
  isGone,
  isThrottled,
  isUnauthorized,
} from '../transport/api-error.ts';

/** These are also the values of a metric label. */
export type EndCause =
  /** The server closed it regularly. */
  | 'ended'
  | 'cut'
  /** No data for longer than the interval of bookmarks. */
  | 'silent'
  /** The regular relist is due. */
  | 'relist'
  /** Our version is too old (410). */
  | 'gone'
  /** 401 or 403. */
  | 'denied'
  | 'throttled'
  /** Refused with any other status. */
  | 'refused'
  | 'malformed'
  /** No answer at all. */
  | 'unreachable'
  /** A bug of ours. */
  | 'failed';

export interface Ending {
  readonly cause: EndCause;
  readonly error?: unknown;
  readonly retryAfterMs?: number | undefined;
}

export interface Reaction {
  /** `ifShort`: back off only if the watch did not last. */
  readonly backOff: 'never' | 'ifShort' | 'always';
  /** `afterSeveral`: after several endings without one good frame in between. */
  readonly relist: 'never' | 'afterSeveral' | 'always';
}

export const REACTIONS: Readonly<Record<EndCause, Reaction>> = {
  ended: { backOff: 'ifShort', relist: 'never' },
  cut: { backOff: 'ifShort', relist: 'never' },
  // After a restore, etcd has versions below ours, and a watch from ours gets no events for a long time.
  silent: { backOff: 'ifShort', relist: 'afterSeveral' },
  relist: { backOff: 'never', relist: 'always' },
  gone: { backOff: 'always', relist: 'always' },
  // If only the watch is denied, lists keep the cache current.
  denied: { backOff: 'always', relist: 'always' },
  throttled: { backOff: 'always', relist: 'never' },
  refused: { backOff: 'always', relist: 'afterSeveral' },
  malformed: { backOff: 'always', relist: 'afterSeveral' },
  unreachable: { backOff: 'always', relist: 'never' },
  failed: { backOff: 'always', relist: 'afterSeveral' },
};

/** What a person can do about it, if the program alone can't recover. */
export const FIXES: Readonly<Partial<Record<EndCause, string>>> = {
  denied:
    'on 403, grant our ServiceAccount the ClusterRole in manifests/install.yaml (with namespaces.only, a Role in each namespace); on 401, give it a valid token; it is retried automatically',
  unreachable:
    'check the address in the kubeconfig, the network policies and the API server; it is retried automatically',
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
