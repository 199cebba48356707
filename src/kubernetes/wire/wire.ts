/** The seam between us and an API server: bytes out, bytes in. The simulator implements it, too. */

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and encoded query, such as `/api/v1/namespaces?limit=500`. */
  readonly path: string;
  /** Names in lower case. The wire adds the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A watch: its answer stays open, so it must not take a connection that requests wait for. */
  readonly streaming?: boolean;
  /**
   * Called for each attempt when nothing is left to wait for and the first byte is about to go out. If it throws,
   * `send` rejects with what it threw, and nothing is sent.
   */
  readonly onStart?: () => void;
  /** Aborts the request and, later, the reading of its body. */
  readonly signal: AbortSignal;
}

export interface WireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Must be read to its end or left by `break`/`return`, which frees the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Wire {
  /** Resolves with the head of the answer, whatever the status code; rejects only if there is no answer. */
  send(request: WireRequest): Promise<WireResponse>;
  /** Closes every connection. */
  close(): Promise<void>;
}

export interface WireNeeds {
  /** For hundreds of watches: they share connections if the server supports that. */
  readonly manyStreams?: boolean;
}

/** One API server, and our credentials there. */
export interface ApiServerConnection {
  /** For logs. */
  readonly address: string;
  /** Opens a wire with its own connections, so it never waits for another wire's requests. Connects to nothing yet. */
  openWire(needs?: WireNeeds): Wire;
}
