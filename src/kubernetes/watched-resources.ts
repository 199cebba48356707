/** The three watches that fill the caches, and what they say of their health. */
import type { Clock, Log, Random } from '../controller/ports.ts';
import type { Instance } from '../domain/contract.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { projectNamespace, projectServiceAccount } from './project-objects.ts';
import { projectPullSecret } from './project-pull-secret.ts';
import type { ReflectorState } from './reflector-health.ts';
import { Reflector } from './reflector.ts';
import { METADATA, METADATA_LIST, NAMESPACES, SECRETS, SERVICE_ACCOUNTS } from './resources.ts';
import type { Transport } from './transport.ts';

export interface WatchState {
  readonly resource: string;
  readonly synced: boolean;
  readonly lastEventAt: Date | undefined;
}

/** A named health check. */
export interface FoundFault {
  readonly name: string;
  readonly findFault: () => string | undefined;
}

interface Options {
  readonly instance: Instance;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onWatchEnded: (resource: string, reason: string) => void;
}

interface Watched {
  readonly resource: string;
  readonly state: ReflectorState;
  start(): void;
  stop(): Promise<void>;
  untilSynced(): Promise<void>;
}

/** A watch hears something every 90 s, if only the answer to a new request. */
const SILENT_AFTER_MS = 110_000;

export class WatchedResources {
  readonly #clock: Clock;
  readonly #all: readonly Watched[];

  constructor(cache: ClusterCache, transport: Transport, options: Options) {
    const { clock, random, log, instance, onWatchEnded } = options;
    const common = (resource: string) => ({
      resource,
      transport,
      clock,
      random,
      log,
      observer: { onEnding: (reason: string) => onWatchEnded(resource, reason) },
    });
    const metadataOnly = { listAccept: METADATA_LIST, watchAccept: METADATA };
    this.#clock = clock;
    this.#all = [
      named(
        new Reflector({
          ...common('namespaces'),
          ...metadataOnly,
          path: NAMESPACES,
          project: projectNamespace,
          cache: cache.namespaceCache,
        }),
        'namespaces',
      ),
      named(
        new Reflector({
          ...common('serviceaccounts'),
          path: SERVICE_ACCOUNTS,
          project: projectServiceAccount,
          cache: cache.serviceAccountCache,
        }),
        'serviceaccounts',
      ),
      named(
        new Reflector({
          ...common('secrets'),
          ...metadataOnly,
          path: SECRETS,
          // RBAC grants this one name: the API server takes it from the selector.
          query: { fieldSelector: `metadata.name=${instance.secretName}` },
          project: (object) => projectPullSecret(object, instance),
          cache: cache.pullSecretCache,
        }),
        'secrets',
      ),
    ];
  }

  start(): void {
    for (const watched of this.#all) watched.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((watched) => watched.stop()));
  }

  async untilSynced(): Promise<void> {
    await Promise.all(this.#all.map((watched) => watched.untilSynced()));
  }

  isSynced(): boolean {
    return this.#all.every(({ state }) => state.synced);
  }

  states(): readonly WatchState[] {
    return this.#all.map(({ resource, state: { synced, lastEventAt } }) => ({
      resource,
      synced,
      lastEventAt,
    }));
  }

  healthChecks(): readonly FoundFault[] {
    return this.#all.map((watched) => ({
      name: `watch-${watched.resource}`,
      findFault: () => this.#faultOf(watched.state),
    }));
  }

  #faultOf({ synced, denied, lastFault, lastContactAt }: ReflectorState): string | undefined {
    if (denied !== undefined) return `not allowed: ${denied}`;
    const why = lastFault === undefined ? '' : `: ${lastFault}`;
    if (!synced) return `the first list is not complete${why}`;
    const silentMs = this.#clock.now().getTime() - (lastContactAt?.getTime() ?? 0);
    return silentMs > SILENT_AFTER_MS
      ? `nothing new heard from the API server for ${Math.round(silentMs / 1000)} s${why}`
      : undefined;
  }
}

function named(
  reflector: Pick<Watched, 'start' | 'stop' | 'untilSynced' | 'state'>,
  resource: string,
): Watched {
  return {
    resource,
    get state() {
      return reflector.state;
    },
    start: () => reflector.start(),
    stop: () => reflector.stop(),
    untilSynced: () => reflector.untilSynced(),
  };
}
