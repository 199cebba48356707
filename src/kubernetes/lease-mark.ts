/** The mark on the Lease that keeps everybody from leading: set and taken off without touching the rest of it. */
import { LEASE_ANNOTATIONS } from '../domain/contract.ts';
import { explainLeaseRefusal, type LeaseLocation } from './lease-errors.ts';
import { APPLY_PATCH, leasePath, MERGE_PATCH } from './resources.ts';
import type { ApiRequest, Transport } from './transport.ts';

interface Dependencies extends LeaseLocation {
  readonly transport: Transport;
  /** Of the election: the mark has a manager of its own, so that a renewal never takes it away. */
  readonly fieldManager: string;
}

export class LeaseMark {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** `why` is for people, and not empty. Makes the Lease where there is none. Throws a `ControllerError`. */
  async write(why: string, signal: AbortSignal): Promise<void> {
    const { name, fieldManager } = this.#deps;
    const annotations = { [LEASE_ANNOTATIONS.paused]: why };
    await this.#send('marking', {
      query: { fieldManager: `${fieldManager}-pause`, force: true },
      contentType: APPLY_PATCH,
      body: JSON.stringify({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, annotations },
      }),
      signal,
    });
  }

  /** Whoever has set it. Throws a `ControllerError`, also where there is no Lease. */
  async delete(signal: AbortSignal): Promise<void> {
    const annotations = { [LEASE_ANNOTATIONS.paused]: null };
    await this.#send('taking the mark off', {
      contentType: MERGE_PATCH,
      body: JSON.stringify({ metadata: { annotations } }),
      signal,
    });
  }

  async #send(doing: string, request: Omit<ApiRequest, 'method' | 'path'>): Promise<void> {
    const { transport, namespace, name } = this.#deps;
    try {
      await transport.request({ ...request, method: 'PATCH', path: leasePath(namespace, name) });
    } catch (error) {
      throw explainLeaseRefusal(error, doing, this.#deps);
    }
  }
}
