/** Chooses which troubles the metrics show by name, so that their number is bounded and none comes and goes. */
import type { NamespaceTrouble, NamespaceTroubleCounts } from '../../domain/state/cluster-state.ts';

/** Each is a time series. */
const MOST_SHOWN = 200;

export class ShownTroubles {
  #shown: ReadonlyMap<string, NamespaceTrouble> = new Map();

  /**
   * `all`: the reasons of each namespace in trouble. What is shown stays for as long as it lasts; then the first one of
   * `all` that was not shown takes its place.
   */
  choose(
    all: Iterable<readonly [namespace: string, reasons: ReadonlySet<string>]>,
  ): NamespaceTroubleCounts {
    const kept = new Map<string, NamespaceTrouble>();
    const others = new Map<string, NamespaceTrouble>();
    let total = 0;
    for (const [namespace, reasons] of all) {
      total += reasons.size;
      for (const reason of reasons) {
        const key = `${namespace} ${reason}`;
        if (this.#shown.has(key)) kept.set(key, { namespace, reason });
        else if (others.size < MOST_SHOWN) others.set(key, { namespace, reason });
      }
    }
    this.#shown = new Map([...kept, ...[...others].slice(0, MOST_SHOWN - kept.size)]);
    return { shown: [...this.#shown.values()], omitted: total - this.#shown.size };
  }
}
