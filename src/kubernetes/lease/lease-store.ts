/** The Lease of leader election: read by name, written only by server-side apply, so that a Role can name it. */
import { fieldOf, isText, recordOf } from '../../base/json.ts';
import type { LeaseStore, LeaseFields, ObservedLease } from '../../controller/election/lease.ts';
import type { Clock } from '../../base/clock.ts';
import { LEASE_ANNOTATIONS } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import { isNotFound } from '../transport/api-error.ts';
import { Deadline } from '../../base/deadline.ts';
import { explainLeaseRefusal, type LeaseLocation, leaseTimeout } from './lease-errors.ts';
import { presentable } from '../wire/presentable.ts';
import { APPLY_PATCH, leasePath, NEVER_A_VERSION } from '../transport/resources.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import { readObjectMeta } from '../transport/object-meta.ts';

/** For one call, with every wait in it: half the time that a leader has for a renewal. */
const CALL_LIMIT_MS = 5000;
const MAX_HOLDER_LENGTH = 256;

interface Dependencies extends LeaseLocation {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly fieldManager: string;
}

export class KubernetesLeaseStore implements LeaseStore {
  readonly #deps: Dependencies;
  readonly #path: string;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#path = leasePath(deps.namespace, deps.name);
  }

  async read(signal: AbortSignal): Promise<ObservedLease | undefined> {
    try {
      return this.#parse(await this.#send({ method: 'GET', path: this.#path, signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw explainLeaseRefusal(error, 'reading', this.#deps);
    }
  }

  async write(
    term: LeaseFields,
    observed: ObservedLease | undefined,
    signal: AbortSignal,
  ): Promise<ObservedLease> {
    try {
      const answer = await this.#send({
        method: 'PATCH',
        path: this.#path,
        // Take the fields even if others own them: the version proves that we have seen their change.
        query: { fieldManager: this.#deps.fieldManager, force: true },
        contentType: APPLY_PATCH,
        body: JSON.stringify(renderLease(this.#deps.name, term, observed)),
        signal,
      });
      return this.#parse(answer);
    } catch (error) {
      throw explainLeaseRefusal(error, observed === undefined ? 'creating' : 'writing', this.#deps);
    }
  }

  async #send(request: ApiRequest): Promise<unknown> {
    const { clock, transport } = this.#deps;
    const deadline = new Deadline(clock, { parent: request.signal, limitMs: CALL_LIMIT_MS });
    try {
      return await transport.request({ ...request, signal: deadline.signal });
    } catch (error) {
      throw deadline.expired ? leaseTimeout(this.#deps) : error;
    } finally {
      deadline.release();
    }
  }

  #parse(answer: unknown): ObservedLease {
    const meta = readObjectMeta(answer);
    if (meta === undefined) {
      throw new TransientError(`reading Lease "${this.#deps.name}": the response is not a Lease`, {
        code: 'API_MALFORMED_ANSWER',
      });
    }
    const spec = recordOf(fieldOf(answer, 'spec'));
    const { holderIdentity, leaseTransitions, acquireTime } = spec;
    return {
      uid: meta.uid,
      resourceVersion: meta.resourceVersion,
      holder:
        typeof holderIdentity === 'string' ? presentable(holderIdentity, MAX_HOLDER_LENGTH) : '',
      transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
      acquiredAt: parseTime(acquireTime),
      fingerprint: JSON.stringify(spec),
      paused: isText(annotationsOf(answer)[LEASE_ANNOTATIONS.paused]),
    };
  }
}

function annotationsOf(answer: unknown): Readonly<Record<string, unknown>> {
  return recordOf(fieldOf(answer, 'metadata', 'annotations'));
}

function renderLease(
  name: string,
  term: LeaseFields,
  observed: ObservedLease | undefined,
): Readonly<Record<string, unknown>> {
  const { uid, resourceVersion = NEVER_A_VERSION } = observed ?? {};
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, resourceVersion, ...(uid === undefined ? {} : { uid }) },
    spec: {
      // Sent even if empty: a field that we leave out keeps its value as long as another manager owns it, too.
      holderIdentity: term.holder,
      leaseDurationSeconds: term.durationMs / 1000,
      acquireTime: renderTime(term.acquiredAt),
      renewTime: renderTime(term.renewedAt),
      leaseTransitions: term.transitions,
    },
  };
}

/** `metav1.MicroTime`: exactly six digits after the second, or the API server answers 500. */
function renderTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

/** Only shown to people, so a value that can't be parsed becomes the epoch instead of an error. */
function parseTime(value: unknown): Date {
  const time = new Date(typeof value === 'string' ? value : 0);
  return Number.isNaN(time.getTime()) ? new Date(0) : time;
}
