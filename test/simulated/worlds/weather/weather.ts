/** Which faults are active, and for whom: what the chaos of a run switches on and off. */

/** Faults of the API server and the way to it. */
export type ApiCondition =
  /** Every hop takes seconds. */
  | 'slow'
  /** Half of the requests are answered with 429, 500, 503 or 504. */
  | 'errors'
  /** Requests and answers get lost, bodies are cut. */
  | 'lossy'
  /** Connections are refused. */
  | 'down'
  /** Packets vanish: nothing is answered, and no connection ends. */
  | 'blackhole'
  /** Watches get nothing, not even bookmarks. */
  | 'silent'
  /** Watches get bookmarks and no events. */
  | 'withhold'
  /** Watch frames are late. */
  | 'lag'
  /** Every third write meets a conflict. */
  | 'conflicts'
  /** First lists come from a stale watch cache. */
  | 'stale'
  /** The permission to watch is missing. */
  | 'denied'
  /** A policy refuses removals, in one namespace. */
  | 'refusing';

/** Faults of ECR. */
export type EcrCondition = 'throttled' | 'refused' | 'junk' | 'hanging' | 'slowEcr' | 'oddExpiry';

export interface Condition {
  readonly kind: ApiCondition | EcrCondition;
  /** The affected process; `undefined`: all. */
  readonly process?: string | undefined;
  /** The affected resource of watches, namespace, or identity that calls ECR; `undefined`: all. */
  readonly resource?: string | undefined;
}

export class Weather {
  readonly #conditions = new Set<Condition>();

  /** The returned function ends it. */
  begin(condition: Condition): () => void {
    this.#conditions.add(condition);
    return () => {
      this.#conditions.delete(condition);
    };
  }

  has(kind: Condition['kind'], process?: string, resource?: string): boolean {
    for (const condition of this.#conditions) {
      if (condition.kind !== kind) continue;
      if (condition.process !== undefined && condition.process !== process) continue;
      if (condition.resource !== undefined && condition.resource !== resource) continue;
      return true;
    }
    return false;
  }
}
