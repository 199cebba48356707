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
  readonly signal: AbortSignal;
}

export interface Transport {
  /** The parsed JSON of a 2xx answer; anything else throws an `ApiError`. */
  request(request: ApiRequest): Promise<unknown>;
  /** A watch: the lines of the answer's body. Not part of the budget; ends after `idleMs` without a byte. */
  stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<string>>;
}
