/** The seam between us and an API server: bytes out, bytes in. The simulator implements it too. */

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and encoded query, such as `/api/v1/namespaces?limit=500`. */
  readonly path: string;
  /** Names in lower case. Credentials are the wire's own business. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A watch: its answer stays open, so it must not take a connection that requests wait for. */
  readonly streaming?: boolean;
  /**
   * Called when nothing is left to wait for and the first byte is about to go out, at each attempt. What it throws is
   * what `send` rejects with, and nothing is sent.
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
  /** Resolves when the head of the answer is there; rejects when there is no answer, never for a status code. */
  send(request: WireRequest): Promise<WireResponse>;
  /** Ends every connection. */
  close(): Promise<void>;
}

export interface WireNeeds {
  /** Hundreds of watches: they share connections where the server can do that. */
  readonly manyStreams?: boolean;
}

/** One API server and who we are there. */
export interface ApiServerConnection {
  /** For logs. */
  readonly address: string;
  /** Connections of their own, which no other wire's requests wait for. Connects to nothing yet. */
  openWire(needs?: WireNeeds): Wire;
}
