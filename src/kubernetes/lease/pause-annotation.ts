/** The pause annotation on the Lease, which keeps every replica from leading; the rest of the Lease stays as it is. */
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
  /** The election's. The pause annotation has its own manager, so that a renewal never removes it. */
  readonly fieldManager: string;
}

export class PauseAnnotation {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /**
   * Sets the pause annotation, whoever set it before, and creates the Lease if there is none. `why` is for people and
   * must not be empty. Returns true if only a pause has ever written to this Lease: then this pause or an earlier one
   * created it. Calling it again is safe. Throws a `ControllerError`.
   */
  async write(why: string, signal: AbortSignal): Promise<boolean> {
    const annotations = { [LEASE_ANNOTATIONS.paused]: why };
    const { name } = this.#deps;
    const answer = await this.#send('setting the pause annotation on', {
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
    return this.#isOnlyPause(answer);
  }

  /** Removes the annotation, whoever set it. Throws a `ControllerError`, also if there is no Lease. */
  async delete(signal: AbortSignal): Promise<void> {
    const annotations = { [LEASE_ANNOTATIONS.paused]: null };
    await this.#send('removing the pause annotation from', {
      method: 'PATCH',
      contentType: MERGE_PATCH,
      body: JSON.stringify({ metadata: { annotations } }),
      signal,
    });
  }

  /**
   * Deletes the Lease if only a pause created it: a Lease without Helm's labels would block the next installation.
   * Returns true if no Lease is left. Throws a `ControllerError`, also if somebody writes to the Lease meanwhile.
   */
  async deleteLease(signal: AbortSignal): Promise<boolean> {
    try {
      const lease = await this.#send('reading', { method: 'GET', signal });
      const meta = readObjectMeta(lease);
      if (meta === undefined || !this.#isOnlyPause(lease)) return false;
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

  /** Helm, a leader, and anyone else who wrote to the Lease left an entry in `managedFields`. */
  #isOnlyPause(lease: unknown): boolean {
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
