/** A broken connection as a client sees it: an error with a socket's error code. */
export class ConnectionCut extends Error {
  readonly code = 'ECONNRESET';

  constructor(message: string) {
    super(message);
    this.name = 'ConnectionCut';
  }
}
