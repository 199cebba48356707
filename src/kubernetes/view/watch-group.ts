/** Watches that belong together: those of the whole cluster, or those of one namespace. */
import type { Reflector } from '../watch/reflector.ts';
import type { ObjectMeta } from '../transport/object-meta.ts';

/** What a reflector shows of itself, whatever it follows. */
export type Watched = Pick<
  Reflector<ObjectMeta>,
  'resource' | 'namespace' | 'state' | 'start' | 'stop' | 'untilSynced' | 'untilForbidden'
>;

export interface WatchGroup {
  readonly watches: readonly Watched[];
  start(): void;
  /** Resolves when every connection and timer is freed. */
  stop(): Promise<void>;
  /** Resolves when all of it is known, or there is no point in waiting for that. */
  untilSettled(): Promise<void>;
}

/** Nobody can go on without the whole of it, however long that takes. */
export function clusterGroup(watches: readonly Watched[]): WatchGroup {
  return {
    watches,
    start: () => watches.forEach((watched) => watched.start()),
    stop: () => stopAll(watches),
    untilSettled: () => untilAllSynced(watches),
  };
}

/**
 * The namespace comes into view when all of its `contents` are known: nothing is decided on half of it. Where we have
 * no rights (it may not exist yet), the others are not kept waiting; it is tried again for as long as we run.
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
