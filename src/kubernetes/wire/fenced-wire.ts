/**
 * The fence before everything that changes the cluster: who may not write at the moment of sending does not send. It
 * stands behind budget, retries and connection pool, so a process that was paused in any wait of a write stops here.
 */
import { TransientError } from '../../domain/errors.ts';
import type { Wire, WireRequest, WireResponse } from './wire.ts';

export class FencedWire implements Wire {
  readonly #wire: Wire;
  readonly #mayWrite: () => boolean;

  constructor(wire: Wire, mayWrite: () => boolean) {
    this.#wire = wire;
    this.#mayWrite = mayWrite;
  }

  /** Rejects with a `TransientError` of code `NOT_LEADING`; what only reads passes. */
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
