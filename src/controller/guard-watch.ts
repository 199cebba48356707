/** Notices a guard that is not in effect: then RBAC alone restricts whoever holds our token. */
import type { Clock } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import type { Log } from '../base/log.ts';
import type { ClusterView } from './ports/cluster-view.ts';
import type { Guard, GuardState } from './ports/guard.ts';

interface Dependencies {
  readonly guard: Guard;
  readonly cluster: Pick<ClusterView, 'namespaces'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** After an installation, and after a miss: a policy takes effect a second or two after its creation. */
const WAIT_MS = 60_000;
/** A single miss may be an API server that has just started. */
const MISSES_BEFORE_WARNING = 2;
/** Every cluster has it. */
const PREFERRED_NAMESPACE = 'default';

/** Lives for one leadership term: from `start` to `stop`. */
export class GuardWatch {
  readonly #deps: Dependencies;
  readonly #term: Deadline;
  #cancelTimer: () => void = () => undefined;
  #isProbing = false;
  #misses = 0;
  #isInEffect: boolean | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#term = new Deadline(deps.clock);
  }

  /** `undefined` if that is not known. */
  get isInEffect(): boolean | undefined {
    return this.#isInEffect;
  }

  /** Probes in a minute. */
  start(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(WAIT_MS, () => this.probe());
  }

  /** To be called with each sweep. Does not wait for the answer. */
  probe(): void {
    const namespace = choosePlace(this.#deps.cluster);
    if (namespace === undefined || this.#isProbing || this.#term.signal.aborted) return;
    this.#isProbing = true;
    void this.#probe(namespace).finally(() => {
      this.#isProbing = false;
    });
  }

  stop(): void {
    this.#cancelTimer();
    this.#term.end();
  }

  async #probe(namespace: string): Promise<void> {
    const { signal } = this.#term;
    const unknown = (cause: unknown) => ({ kind: 'unknown', cause }) as const;
    const state = await this.#deps.guard.probe(namespace, signal).catch(unknown);
    if (!signal.aborted) this.#judge(state);
  }

  #judge(state: GuardState): void {
    const { log } = this.#deps;
    switch (state.kind) {
      case 'inEffect': {
        if (this.#misses >= MISSES_BEFORE_WARNING) log.info({}, 'guard is in effect again');
        this.#misses = 0;
        this.#isInEffect = true;
        return;
      }
      case 'unknown': {
        this.#isInEffect = undefined;
        return log.info({ err: state.cause }, 'guard could not be probed');
      }
      case 'notInEffect': {
        this.#misses += 1;
        if (this.#misses < MISSES_BEFORE_WARNING) return this.start();
        this.#isInEffect = false;
        if (this.#misses > MISSES_BEFORE_WARNING) return;
        const { unguarded } = state;
        return log.warn({ unguarded, fix: FIX }, 'guard is not in effect');
      }
    }
  }
}

const FIX =
  'create the policies of the guard and their bindings again (helm upgrade, or manifests/install.yaml), or run with --guard off';

function choosePlace(cluster: Pick<ClusterView, 'namespaces'>): string | undefined {
  const names = Array.from(cluster.namespaces(), ({ name, terminating }) =>
    terminating ? undefined : name,
  ).filter((name) => name !== undefined);
  return names.includes(PREFERRED_NAMESPACE) ? PREFERRED_NAMESPACE : names[0];
}
