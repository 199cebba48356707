/** The fence right before everything that changes the cluster: a process that may not write sends nothing. */
import { TransientError } from '../../domain/errors.ts';
import type { Wire, WireRequest, WireResponse } from './wire.ts';

/**
 * A wire that asks `mayWrite` before each request other than a GET: once when `send` is called, and again when the
 * first byte is about to go out, for every attempt. It stands behind the budget, the retries and the connection pool,
 * so a process that was suspended during any wait of a write is stopped here. It can't recall a request that is on its
 * way: the preconditions of each write (UID and resourceVersion) are for that. `mayWrite` must be synchronous and must
 * not throw. The fence itself keeps no state.
 */
export class FencedWire implements Wire {
  readonly #wire: Wire;
  readonly #mayWrite: () => boolean;

  constructor(wire: Wire, mayWrite: () => boolean) {
    this.#wire = wire;
    this.#mayWrite = mayWrite;
  }

  /**
   * Always sends a GET. Any other request that may not be written rejects with a `TransientError` of code
   * `NOT_LEADING`, and nothing is sent. Else it behaves like the inner wire.
   */
  async send(request: WireRequest): Promise<WireResponse> {
    if (request.method === 'GET') return this.#wire.send(request);
    this.#assertMayWrite();
    return this.#wire.send({
      ...request,
      onStart: () => {
        this.#assertMayWrite();
        request.onStart?.();
      },
    });
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #assertMayWrite(): void {
    if (this.#mayWrite()) return;
    throw new TransientError('writing: this process does not lead', { code: 'NOT_LEADING' });
  }
}
