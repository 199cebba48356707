/** Watches that belong together: those of the whole cluster, or those of one namespace. */
import type { Reflector } from '../watch/reflector.ts';
import type { CachedObject } from '../transport/object-meta.ts';

/** The part of a reflector that does not depend on the kind of object. */
export type Watched = Pick<
  Reflector<CachedObject>,
  | 'resource'
  | 'namespace'
  | 'state'
  | 'tooLarge'
  | 'start'
  | 'stop'
  | 'untilSynced'
  | 'untilForbidden'
>;

export interface WatchGroup {
  readonly watches: readonly Watched[];
  start(): void;
  /** Resolves when every connection is closed and every timer cleared. */
  stop(): Promise<void>;
  /** Resolves when every cache of the group holds a complete list, or when there is no point in waiting for that. */
  untilSettled(): Promise<void>;
}

/** Settles only when all of it is synced, however long that takes: nothing works with less. */
export function clusterGroup(watches: readonly Watched[]): WatchGroup {
  return {
    watches,
    start: () => watches.forEach((watched) => watched.start()),
    stop: () => stopAll(watches),
    untilSettled: () => untilAllSynced(watches),
  };
}

/**
 * The namespace itself is watched only once all of its `contents` are known: nothing is decided on half of it. If we
 * lack permissions (it may not exist yet), the other namespaces are not kept waiting; its watches are retried for as
 * long as we run.
 */
export function namespaceGroup(namespace: Watched, contents: readonly Watched[]): WatchGroup {
  const watches = [namespace, ...contents];
  let isStopped = true;
  return {
    watches,
    start() {
      isStopped = false;
      for (const watched of contents) watched.start();
      void untilAllSynced(contents).then(() => {
        if (!isStopped) namespace.start();
      });
    },
    async stop() {
      isStopped = true;
      await stopAll(watches);
    },
    async untilSettled() {
      const refusals = watches.map((watched) => watched.untilForbidden());
      await Promise.race([untilAllSynced(watches), ...refusals]);
    },
  };
}

async function untilAllSynced(watches: readonly Watched[]): Promise<void> {
  await Promise.all(watches.map((watched) => watched.untilSynced()));
}

async function stopAll(watches: readonly Watched[]): Promise<void> {
  await Promise.all(watches.map((watched) => watched.stop()));
}
