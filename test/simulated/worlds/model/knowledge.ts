/** What the author of a write may have acted on: everything that was so at some moment of these spans. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { ConfigModel } from './config-model.ts';
import type { Facts } from './facts.ts';

export interface Knowledge {
  readonly atMs: number;
  readonly namespacesSinceMs: number;
  readonly accountsSinceMs: number;
  readonly secretsSinceMs: number;
  /** Of all namespaces alike: with a watch for each it may know of one what it does not know of another. */
  readonly everywhere: Pick<Knowledge, 'namespacesSinceMs' | 'secretsSinceMs'>;
  /** That were in effect in this process. */
  readonly configs: readonly ConfigModel[];
  /** What it knew at the moment of sending, when it looked once more. */
  readonly atFence: Pick<Knowledge, 'namespacesSinceMs' | 'configs'>;
  /** When this process last read the namespace from the server itself. */
  readonly confirmedMs: number | undefined;
  /** What its clock has said at most, up to now: without end where somebody has set it. */
  readonly latestWallMs: number;
  /** How far the clock of the process is, or was a moment ago, from the right time. */
  readonly skewMs: number;
  /** For how long the process has stood still since it may have decided. */
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
