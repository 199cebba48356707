/** Which namespaces are in trouble: counted by reason, and by name as far as there is room. */
import { Gauge, type Registry } from 'prom-client';
import type { ClusterState } from '../../domain/state/cluster-state.ts';
import { seriesIn } from './metric-names.ts';

export class TroubleMetrics {
  readonly #stalled: Gauge<'reason'>;
  readonly #troubles: Gauge<'namespace' | 'reason'>;
  readonly #omitted: Gauge;

  constructor(registry: Registry) {
    const about = seriesIn(registry);
    this.#stalled = new Gauge(
      about('namespaces_stalled', 'Namespaces with a Warning, by the reason of the Event.', [
        'reason',
      ]),
    );
    this.#troubles = new Gauge(
      about('namespace_trouble', '1 for each namespace with a Warning, at most 200 of them.', [
        'namespace',
        'reason',
      ]),
    );
    this.#omitted = new Gauge(
      about('namespace_troubles_omitted', 'Warnings that namespace_trouble has no room for.'),
    );
  }

  show({
    stalledNamespaces,
    namespaceTroubles: { shown, omitted },
  }: Pick<ClusterState, 'stalledNamespaces' | 'namespaceTroubles'>): void {
    for (const [reason, count] of stalledNamespaces) this.#stalled.set({ reason }, count);
    for (const { namespace, reason } of shown) this.#troubles.set({ namespace, reason }, 1);
    this.#omitted.set(omitted);
  }

  clear(): void {
    for (const gauge of [this.#stalled, this.#troubles]) gauge.reset();
    this.#omitted.remove();
  }
}
