/** The one way to the API server: budget, timeouts, `Retry-After`, error mapping and counting over a wire. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without query, such as `/api/v1/namespaces`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** `application/json` unless told: metadata-only lists ask for `…;as=PartialObjectMetadataList;…`. */
  readonly accept?: string;
  readonly contentType?: string;
  /** JSON text. */
  readonly body?: string;
  /** Called behind every wait, right before each attempt is sent. What it throws, a `ControllerError`, is thrown, and nothing is sent. */
  readonly onStart?: () => void;
  readonly signal: AbortSignal;
}

/**
 * Every failure is a `ControllerError`, except that the caller's own abort throws its reason:
 * `ApiError` for a refusal, else a `TransientError` with code `API_UNREACHABLE` (no answer), `API_TIMEOUT` (no whole
 * answer in time), `API_MALFORMED_ANSWER`, or for watches `API_STREAM_CUT`, `API_STREAM_IDLE`, `API_LINE_TOO_LONG`.
 */
export interface Transport {
  /** The parsed JSON of a 2xx answer (`undefined` for an empty one). */
  request(request: ApiRequest): Promise<unknown>;
  /**
   * A watch: the lines of the answer's body. Not part of the budget; fails with `API_STREAM_IDLE` after `idleMs`
   * without a byte. To be read to its end or left by `break`; aborting the signal closes the connection.
   */
  stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<string>>;
}

/** Hears of every call. Must not throw. */
export interface TransportObserver {
  /** For a watch: when the head of its answer is there. */
  onRequest?(call: RequestObservation): void;
  /** What the server's clock says (whole seconds), and when we asked and heard: the difference is the skew. */
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
  /** `error`: no answer. */
  readonly status: number | 'error';
  readonly durationMs: number;
}
