/** Remembers what is being removed in each namespace, for as long as this replica leads. */
import type { CachedNamespace } from '../../domain/state/observed.ts';
import { parseRemovalDue, type RemovalDue } from '../../domain/state/removal-due.ts';
import type { Trouble } from './namespace-troubles.ts';

type Named = Pick<CachedNamespace, 'name' | 'uid'>;

interface Removal {
  /** One that was re-created under the same name is another namespace. */
  readonly uid: string;
  due: RemovalDue;
  /** Why the server refused it the last time. */
  refusals: readonly Trouble[];
  /** When the server was last asked by dry run, and did not refuse. */
  askedMs: number | undefined;
}

/** What became of an attempt; of a dry run, what would become of it. */
export type Attempted =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly troubles: readonly Trouble[] }
  /** The server was not reached, or could not tell. */
  | { readonly kind: 'unknown' };

/** The server may change its mind, but hundreds may be held back for days. */
const ASK_AGAIN_MS = 10 * 60_000;

/**
 * A removal is _stalled_ while the server refuses it, and never because time has passed: it does not count for the brake,
 * because it does not happen. Stalled ones are tried again one at a time, and the one that is being tried counts. If it
 * succeeds, what refused it may be gone for the others too, so they all count again. So no more can ever happen at once
 * than the brake allows.
 */
export class Removals {
  readonly #byName = new Map<string, Removal>();
  /** The UID of the namespace whose stalled removal is being tried again. */
  #retried: string | undefined;
  #releases = 0;

  /** The due times that this term has seen: a stamp that somebody removes or moves changes nothing. */
  dueIn(namespace: Named): RemovalDue | undefined {
    return this.#of(namespace)?.due;
  }

  /** Replaces them by those of the latest plan. `undefined`: nothing is to be removed any more. */
  note(namespace: Named, due: RemovalDue | undefined): void {
    const { name, uid } = namespace;
    const known = this.#of(namespace);
    if (due === undefined) this.#byName.delete(name);
    else if (known !== undefined) known.due = due;
    else this.#byName.set(name, { uid, due, refusals: [], askedMs: undefined });
  }

  /**
   * To be called when this stamp was written, or refused: somebody may strip it at once, or leave no room for it. One that
   * failed for another reason does not count, because it may come of a plan on stale caches.
   */
  stamped(namespace: Named, stamp: string): void {
    const due = parseRemovalDue(stamp);
    const seen = this.dueIn(namespace);
    // A profile whose entry is gone has no stamp, and keeps its time.
    const isOfProfiles = due?.kind === 'profiles' && seen?.kind === 'profiles';
    this.note(namespace, isOfProfiles ? { ...due, at: new Map([...seen.at, ...due.at]) } : due);
  }

  isStalled(namespace: Named): boolean {
    const isRefused = (this.#of(namespace)?.refusals.length ?? 0) > 0;
    return isRefused && namespace.uid !== this.#retried;
  }

  /** How often all stalled ones began to count again: what the brake has answered before is no longer true. */
  get releases(): number {
    return this.#releases;
  }

  /** Why it is stalled. */
  refusalsOf(namespace: Named): readonly Trouble[] {
    return this.#of(namespace)?.refusals ?? [];
  }

  /** Whether a removal that is held back may be tried, or asked for, now. If so, `ended` must follow. */
  begin(namespace: Named, nowMs: number): boolean {
    const removal = this.#of(namespace);
    if (removal === undefined) return false;
    if (removal.refusals.length > 0) {
      if (this.#retried !== undefined) return false;
      this.#retried = removal.uid;
      return true;
    }
    const { askedMs } = removal;
    if (askedMs !== undefined && nowMs - askedMs < ASK_AGAIN_MS) return false;
    removal.askedMs = nowMs;
    return true;
  }

  /** To be called with the result of every attempt, held back or not. */
  ended(namespace: Named, attempted: Attempted): void {
    const isRetried = this.#retried === namespace.uid;
    if (isRetried) this.#retried = undefined;
    const removal = this.#of(namespace);
    if (removal === undefined) return;
    removal.refusals = attempted.kind === 'refused' ? attempted.troubles : [];
    if (attempted.kind !== 'accepted') removal.askedMs = undefined;
    if (isRetried && attempted.kind === 'accepted') {
      for (const each of this.#byName.values()) each.refusals = [];
      this.#releases += 1;
    }
  }

  forget(namespace: string): void {
    this.#byName.delete(namespace);
  }

  #of({ name, uid }: Named): Removal | undefined {
    const removal = this.#byName.get(name);
    return removal?.uid === uid ? removal : undefined;
  }
}
