/**
 * Damps wars over an object: if somebody keeps undoing our changes, we repair three times at once, then once a minute for
 * as long as the last five minutes hold that many repairs.
 */
import type { Step, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import { after, earliest } from '../../domain/times.ts';

const WINDOW_MS = 5 * 60_000;
const FREE_REPAIRS = 3;
const DAMPED_INTERVAL_MS = 60_000;
const ANNOTATIONS = 'annotations of the secret';
const CONTENT = 'secret';
const PROFILES = 'profiles of the secret';
const OF_SECRET: ReadonlySet<string> = new Set([ANNOTATIONS, CONTENT, PROFILES]);

interface Write {
  readonly at: Date;
  /** False for the first write of something new. */
  readonly isRepair: boolean;
}

export interface Admission {
  readonly admitted: readonly Step[];
  readonly deferred: readonly Step[];
  /** When the first deferred step may be carried out. */
  readonly deferredUntil: Date | undefined;
}

export class RepairDamper {
  /** By namespace and object (of a ServiceAccount the UID), oldest first. */
  readonly #writes = new Map<string, Map<string, readonly Write[]>>();

  /** Splits the steps into those that may be carried out now and those that must wait. */
  admit(namespace: string, steps: readonly Step[], now: Date): Admission {
    const until = steps.map((step) => this.#deferredUntil(namespace, step, now));
    return {
      admitted: steps.filter((_, index) => until[index] === undefined),
      deferred: steps.filter((_, index) => until[index] !== undefined),
      deferredUntil: earliest(until),
    };
  }

  /** Whether bookkeeping on the Secret may be written now. Asked before planning, so that the plan can do without it. */
  mayAnnotate(namespace: string, now: Date): boolean {
    return this.#objectDeferredUntil(namespace, ANNOTATIONS, now) === undefined;
  }

  /** Whether changes to this ServiceAccount are deferred now. */
  isContested(namespace: string, uid: string, now: Date): boolean {
    return this.#objectDeferredUntil(namespace, uid, now) !== undefined;
  }

  /** To be called for each step that was carried out: a write that failed was not undone by anybody. */
  record(namespace: string, step: Step, now: Date): void {
    const object = objectOf(step);
    if (object === undefined) return;
    const writes = this.#writes.get(namespace) ?? new Map<string, readonly Write[]>();
    const before = recent(writes.get(object), now);
    writes.set(object, [...before, { at: now, isRepair: before.length > 0 || isRepair(step) }]);
    this.#writes.set(namespace, writes);
  }

  forget(namespace: string): void {
    this.#writes.delete(namespace);
  }

  /** The namespaces of which something is remembered. */
  namespaces(): Iterable<string> {
    return this.#writes.keys();
  }

  /**
   * Drops what is too old to count, and what was written to ServiceAccounts that are gone: somebody may create and delete
   * them as fast as we attach. `observed`: the namespace as it is now.
   */
  prune(namespace: string, observed: ObservedNamespace | undefined, now: Date): void {
    const writes = this.#writes.get(namespace);
    if (writes === undefined) return;
    const present = new Set(observed?.serviceAccounts.map(({ uid }) => uid));
    for (const [object, times] of writes) {
      const isGone = !OF_SECRET.has(object) && !present.has(object);
      if (isGone || recent(times, now).length === 0) writes.delete(object);
    }
    if (writes.size === 0) this.#writes.delete(namespace);
  }

  #deferredUntil(namespace: string, step: Step, now: Date): Date | undefined {
    const object = objectOf(step);
    return object === undefined ? undefined : this.#objectDeferredUntil(namespace, object, now);
  }

  #objectDeferredUntil(namespace: string, object: string, now: Date): Date | undefined {
    const writes = recent(this.#writes.get(namespace)?.get(object), now);
    const repairs = writes.filter((write) => write.isRepair);
    const last = repairs.at(-1);
    if (repairs.length < FREE_REPAIRS || last === undefined) return undefined;
    const until = after(last.at, DAMPED_INTERVAL_MS);
    return until > now ? until : undefined;
  }
}

/** Any other write may be of something new. */
function isRepair({ reason }: Step): boolean {
  return ['restored', 'tampered', 'labelsStripped', 'dataAdded', 'duplicated'].includes(reason);
}

const WRITTEN_TO: Readonly<Record<WriteSecretStep['reason'], string | undefined>> = {
  missing: CONTENT,
  restored: CONTENT,
  tampered: CONTENT,
  // Two controllers with different configurations undo each other.
  profilesChanged: PROFILES,
  profileWithdrawn: PROFILES,
  refreshRequested: undefined,
  due: undefined,
};

/** What the step writes to, if others can undo it. A rotation is never damped, whatever its pace. */
function objectOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'writeSecret':
      return WRITTEN_TO[step.reason];
    case 'annotateSecret':
      return ANNOTATIONS;
    case 'attach':
    case 'detach':
      return step.account.uid;
    case 'deleteSecret':
      return undefined;
  }
}

function recent(writes: readonly Write[] | undefined, now: Date): readonly Write[] {
  const since = after(now, -WINDOW_MS);
  return (writes ?? []).filter(({ at }) => at > since && at <= now);
}
