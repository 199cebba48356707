/** What the author of a write may have acted on: everything that was true at any moment in these spans. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { ConfigModel } from './config-model.ts';
import type { Facts } from './facts.ts';

export interface Knowledge {
  readonly atMs: number;
  readonly namespacesSinceMs: number;
  readonly accountsSinceMs: number;
  readonly secretsSinceMs: number;
  /**
   * For all namespaces together: with one watch per namespace, a process may know something of one and not of another.
   */
  readonly everywhere: Pick<Knowledge, 'namespacesSinceMs' | 'secretsSinceMs'>;
  /** The configurations that were in effect in this process. */
  readonly configs: readonly ConfigModel[];
  /** What it knew at the fence, right before the write was sent. */
  readonly atFence: Pick<Knowledge, 'namespacesSinceMs' | 'configs'>;
  /** When this process last read the namespace from the server itself. */
  readonly confirmedMs: number | undefined;
  /** The latest time that its clock has shown so far; infinite if somebody has set the clock. */
  readonly latestWallMs: number;
  /** How far the process's clock is, or was a moment ago, from the right time. */
  readonly skewMs: number;
  /** How long the process has been paused since it may have decided. */
  readonly pauseMs: number;
}

export interface Situation {
  readonly namespace: ApiObject;
  readonly config: ConfigModel;
}

/** Each state of the namespace with each configuration. */
export function situations(
  facts: Facts,
  namespace: string,
  known: Pick<Knowledge, 'atMs' | 'namespacesSinceMs' | 'configs'>,
  sinceMs = known.namespacesSinceMs,
): readonly Situation[] {
  return facts
    .namespace(namespace)
    .during(sinceMs, known.atMs)
    .flatMap((state) =>
      state === undefined ? [] : known.configs.map((config) => ({ namespace: state, config })),
    );
}
