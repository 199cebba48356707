/** The only way to the API server: budget, timeouts, `Retry-After`, error mapping and metrics, over a wire. */
import type { JsonPiece } from '../json/json-piece.ts';
import type { ReadObject } from './read-object.ts';
import type { Lane } from '../../base/lane.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without query, such as `/api/v1/namespaces`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Default: `application/json`. Metadata-only lists ask for `…;as=PartialObjectMetadataList;…`. */
  readonly accept?: string;
  readonly contentType?: string;
  /** JSON text. */
  readonly body?: string;
  /**
   * Called after every wait, right before each attempt is sent. If it throws, nothing is sent, and the request rejects
   * with what it threw, which must be a `ControllerError`.
   */
  readonly onStart?: () => void;
  /** Its class in the request budget. Default: `urgent`. */
  readonly lane?: Lane | undefined;
  readonly signal: AbortSignal;
}

/**
 * Every failure is a `ControllerError`: an `ApiError` for a refusal, else a `TransientError` with code
 * `API_UNREACHABLE` (no response), `API_TIMEOUT` (no complete response in time), `API_MALFORMED_ANSWER`,
 * `API_RESPONSE_TOO_LARGE`, or for watches
 * `API_STREAM_CUT`, `API_STREAM_IDLE`, `API_LINE_TOO_LONG`. Only the caller's own abort throws its reason instead.
 */
export interface Transport {
  /** The parsed JSON of a 2xx answer of up to 2 MiB (`undefined` for an empty one). */
  request(request: ApiRequest): Promise<unknown>;
  /** For the GET of an object that others may have made large. */
  read(request: ApiRequest): Promise<ReadObject>;
  /**
   * Passes the items of a list to `take` as they arrive, and resolves with the rest of the list, in which `items` is an
   * empty array. If it rejects, the items so far are void. What `take` throws is thrown.
   */
  list(request: ApiRequest, take: (item: ReadObject) => void): Promise<unknown>;
  /**
   * A watch: the lines of the answer's body. Of a line over 512 KiB, only the strings in `FRAME_LIMITS` are known. Does not count against the budget. Fails with `API_STREAM_IDLE` after
   * `idleMs` without a byte. Read it to its end or leave it with `break`; aborting the signal closes the connection.
   */
  stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<JsonPiece>>;
}

/** Called for every request. Must not throw. */
export interface TransportObserver {
  /** For a watch: once the head of its answer has arrived. */
  onRequest?(call: RequestObservation): void;
  /** The server's time in whole seconds, and when we sent and received: the difference is the clock offset. */
  onServerDate?(seen: {
    readonly serverDate: Date;
    readonly sentAt: Date;
    readonly receivedAt: Date;
  }): void;
}

export interface RequestObservation {
  readonly method: string;
  /** Such as `secrets`. */
  readonly resource: string;
  readonly watch: boolean;
  /** `error`: there was no answer. */
  readonly status: number | 'error';
  readonly durationMs: number;
}
