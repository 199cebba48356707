/** Remembers the troubles of each namespace, reports them to its users, and counts them for the operators. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Log } from '../../base/log.ts';
import type { EventSink, NamespaceEvent } from '../ports/events.ts';
import type { Measurements } from '../ports/measurements.ts';

/** One trouble: `reason` is the Event's reason and the metric's label. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly about: NamespaceEvent['about'];
}

/** Reasons that mean that a Secret exists that we may not change. */
const NOT_OURS_TO_CHANGE = ['SecretNotOwned', 'SecretTypeMismatch', 'SecretImmutable'];

export class NamespaceTroubles {
  readonly #events: EventSink;
  readonly #log: Log;
  readonly #measurements: Pick<Measurements, 'ownershipRefused'>;
  readonly #reasonsByNamespace = new Map<string, ReadonlySet<string>>();

  constructor(events: EventSink, log: Log, measurements: Pick<Measurements, 'ownershipRefused'>) {
    this.#events = events;
    this.#log = log;
    this.#measurements = measurements;
  }

  /** Replaces the troubles of the namespace. Events are repeated by the sink's rules; only changes are logged. */
  report(observed: ObservedNamespace, troubles: readonly Trouble[]): void {
    const namespace = observed.name;
    const known = this.#reasonsByNamespace.get(namespace) ?? new Set();
    const logged = new Set(known);
    for (const { reason, message, about } of troubles) {
      this.#events.emit({ type: 'Warning', reason, message, namespace, about });
      // Once for each reason, because thousands of ServiceAccounts may have the same.
      if (logged.has(reason)) continue;
      logged.add(reason);
      this.#log.warn({ namespace, reason, message }, 'namespace is stalled');
      if (NOT_OURS_TO_CHANGE.includes(reason)) this.#measurements.ownershipRefused(reason);
    }
    const reasons = new Set(troubles.map(({ reason }) => reason));
    for (const reason of known) {
      if (!reasons.has(reason)) this.#log.info({ namespace, reason }, 'namespace has recovered');
    }
    if (reasons.size === 0) this.#reasonsByNamespace.delete(namespace);
    else this.#reasonsByNamespace.set(namespace, reasons);
  }

  forget(namespace: string): void {
    this.#reasonsByNamespace.delete(namespace);
  }

  isStalled(namespace: string): boolean {
    return this.#reasonsByNamespace.has(namespace);
  }

  /** How many namespaces are stalled for each reason. */
  countByReason(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const reasons of this.#reasonsByNamespace.values()) {
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return counts;
  }
}
