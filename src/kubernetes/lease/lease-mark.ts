/** The mark on the Lease that keeps everybody from leading: set and taken off without touching the rest of it. */
import { fieldOf } from '../../base/json.ts';
import { LEASE_ANNOTATIONS } from '../../domain/contract.ts';
import { StalledError } from '../../domain/errors.ts';
import { isNotFound } from '../transport/api-error.ts';
import { explainLeaseRefusal, type LeaseLocation } from './lease-errors.ts';
import { APPLY_PATCH, leasePath, MERGE_PATCH } from '../transport/resources.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import { readObjectMeta } from '../transport/object-meta.ts';

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

  /**
   * `why` is for people, and not empty. Makes the Lease where there is none. True for one that nobody but a mark has ever
   * written to: made for it, now or by an earlier one. Throws a `ControllerError`.
   */
  async write(why: string, signal: AbortSignal): Promise<boolean> {
    const annotations = { [LEASE_ANNOTATIONS.paused]: why };
    const { name } = this.#deps;
    const answer = await this.#send('marking', {
      method: 'PATCH',
      query: { fieldManager: this.#manager, force: true },
      contentType: APPLY_PATCH,
      body: JSON.stringify({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, annotations },
      }),
      signal,
    });
    return this.#isMadeForMark(answer);
  }

  /** Whoever has set it. Throws a `ControllerError`, also where there is no Lease. */
  async delete(signal: AbortSignal): Promise<void> {
    const annotations = { [LEASE_ANNOTATIONS.paused]: null };
    await this.#send('taking the mark off', {
      method: 'PATCH',
      contentType: MERGE_PATCH,
      body: JSON.stringify({ metadata: { annotations } }),
      signal,
    });
  }

  /**
   * Takes the whole Lease away where nothing but a mark made it: one without Helm's labels would be in the way of the next
   * installation. True where there is none then. Throws a `ControllerError`, also where somebody writes to it meanwhile.
   */
  async deleteLease(signal: AbortSignal): Promise<boolean> {
    try {
      const lease = await this.#send('reading', { method: 'GET', signal });
      const meta = readObjectMeta(lease);
      if (meta === undefined || !this.#isMadeForMark(lease)) return false;
      const { uid, resourceVersion } = meta;
      const preconditions = { uid, resourceVersion };
      await this.#send('deleting', {
        method: 'DELETE',
        body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions }),
        signal,
      });
      return true;
    } catch (error) {
      if (error instanceof StalledError && isNotFound(error.cause)) return true;
      throw error;
    }
  }

  get #manager(): string {
    return `${this.#deps.fieldManager}-pause`;
  }

  /** Helm, a leader, and whoever else has a share in it leave an entry. */
  #isMadeForMark(lease: unknown): boolean {
    const managedFields = fieldOf(lease, 'metadata', 'managedFields');
    const entries: readonly unknown[] = Array.isArray(managedFields) ? managedFields : [];
    const isOurs = (entry: unknown) => fieldOf(entry, 'manager') === this.#manager;
    return entries.length > 0 && entries.every(isOurs);
  }

  async #send(doing: string, request: Omit<ApiRequest, 'path'>): Promise<unknown> {
    const { transport, namespace, name } = this.#deps;
    try {
      return await transport.request({ ...request, path: leasePath(namespace, name) });
    } catch (error) {
      throw explainLeaseRefusal(error, doing, this.#deps);
    }
  }
}
