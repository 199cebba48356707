/** What a client sees of a broken connection: an error with the code that a socket gives. */
export class ConnectionCut extends Error {
  readonly code = 'ECONNRESET';

  constructor(message: string) {
    super(message);
    this.name = 'ConnectionCut';
  }
}
