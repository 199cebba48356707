/** Remembers what is being removed in each namespace, for as long as this replica leads. */
import type { CachedNamespace } from '../../domain/state/observed.ts';
import { parseRemovalDue, type RemovalDue } from '../../domain/state/removal-due.ts';

type Named = Pick<CachedNamespace, 'name' | 'uid'>;

interface Entry {
  /** One that was re-created under the same name is another namespace. */
  readonly uid: string;
  readonly due: RemovalDue;
}

export class Removals {
  readonly #byName = new Map<string, Entry>();

  /** The due times that this term has seen: a stamp that somebody removes or moves changes nothing. */
  dueIn({ name, uid }: Named): RemovalDue | undefined {
    const entry = this.#byName.get(name);
    return entry?.uid === uid ? entry.due : undefined;
  }

  /** Replaces them by those of the latest plan. `undefined`: nothing is to be removed any more. */
  note({ name, uid }: Named, due: RemovalDue | undefined): void {
    if (due === undefined) this.#byName.delete(name);
    else this.#byName.set(name, { uid, due });
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

  forget(namespace: string): void {
    this.#byName.delete(namespace);
  }
}
