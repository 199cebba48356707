/** Remembers the troubles of each namespace, reports them to its users, and counts them for the operators. */
import type { NamespaceTroubleCounts } from '../../domain/state/cluster-state.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Log } from '../../base/log.ts';
import type { EventSink, NamespaceEvent } from '../ports/events.ts';
import type { Measurements } from '../ports/measurements.ts';
import { ShownTroubles } from './shown-troubles.ts';

/** One trouble: `reason` is the Event's reason and the metric's label. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly about: NamespaceEvent['about'];
}

/** Reasons that mean that a Secret exists that we may not change. */
const NOT_OURS_TO_CHANGE = ['SecretNotOwned', 'SecretTypeMismatch', 'SecretImmutable'];
/** When a cause hits many namespaces, these tell what there is to tell; the metrics have the rest. */
const MOST_LOGGED_PER_REASON = 10;

export class NamespaceTroubles {
  readonly #events: EventSink;
  readonly #log: Log;
  readonly #measurements: Pick<Measurements, 'ownershipRefused'>;
  readonly #reasonsByNamespace = new Map<string, ReadonlySet<string>>();
  readonly #shown = new ShownTroubles();
  /** Namespaces whose trouble was logged, by reason. */
  readonly #logged = new Map<string, Set<string>>();

  constructor(events: EventSink, log: Log, measurements: Pick<Measurements, 'ownershipRefused'>) {
    this.#events = events;
    this.#log = log;
    this.#measurements = measurements;
  }

  /**
   * Reports the troubles that a pass has found. `isSettled`: the pass has left nothing undone, so what it has not found is
   * over. Otherwise the other troubles stay: what could not be tried may still fail. Events are repeated by the sink's
   * rules; only changes are logged.
   */
  report(observed: ObservedNamespace, troubles: readonly Trouble[], isSettled: boolean): void {
    const namespace = observed.name;
    const known = this.#reasonsByNamespace.get(namespace) ?? new Set<string>();
    const found = new Set(troubles.map(({ reason }) => reason));
    for (const { reason, message, about } of troubles) {
      this.#events.emit({ type: 'Warning', reason, message, namespace, about });
    }
    for (const reason of found) {
      if (known.has(reason)) continue;
      if (NOT_OURS_TO_CHANGE.includes(reason)) this.#measurements.ownershipRefused(reason);
      const { message } = troubles.find((one) => one.reason === reason) ?? {};
      this.#logStalled(namespace, reason, message);
    }
    const reasons = isSettled ? found : new Set([...known, ...found]);
    for (const reason of known) if (!reasons.has(reason)) this.#logRecovered(namespace, reason);
    if (reasons.size === 0) this.#reasonsByNamespace.delete(namespace);
    else this.#reasonsByNamespace.set(namespace, reasons);
  }

  forget(namespace: string): void {
    for (const namespaces of this.#logged.values()) namespaces.delete(namespace);
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

  /** Those that the metrics show by name: the stalled for longest, and from then on the same ones. */
  shown(): NamespaceTroubleCounts {
    return this.#shown.choose(this.#reasonsByNamespace);
  }

  #logStalled(namespace: string, reason: string, message: string | undefined): void {
    const logged = this.#logged.get(reason) ?? new Set();
    if (logged.size >= MOST_LOGGED_PER_REASON) return;
    this.#logged.set(reason, logged.add(namespace));
    this.#log.warn({ namespace, reason, message }, 'namespace is stalled');
  }

  #logRecovered(namespace: string, reason: string): void {
    if (this.#logged.get(reason)?.delete(namespace) !== true) return;
    this.#log.info({ namespace, reason }, 'namespace has recovered');
  }
}
