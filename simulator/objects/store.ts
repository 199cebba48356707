/** Stores objects with one global version counter and a history that can be compacted, as etcd does for a real server. */
import type { ApiObject } from './api-object.ts';
import type { ResourceKind } from './resource-kinds.ts';

export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly key: string;
  /** The state after the change; on deletion the last state, with the deletion's version. */
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

type Table = ReadonlyMap<string, ApiObject>;

export class Store {
  #revision = 1;
  #compactedRevision = 0;
  #history: Change[] = [];
  readonly #tables = new Map<string, Map<string, ApiObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #historyLimit: number;
  #isRehearsal = false;

  /** `historyLimit`: how many changes are kept before the oldest are compacted away. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Versions older than this can't be read or watched from. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  /** The retained changes, oldest first. */
  get history(): readonly Change[] {
    return this.#history;
  }

  read({ resource }: ResourceKind, key: string): ApiObject | undefined {
    return this.#tables.get(resource)?.get(key);
  }

  /** Creates or replaces; returns the object with its new resourceVersion. */
  put(kind: ResourceKind, object: ApiObject): ApiObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = this.read(kind, key);
    return this.#commit({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      kind,
      key,
      object,
      previous,
    });
  }

  /** Returns the last state with the deletion's version; `undefined` if there was no object. */
  remove(kind: ResourceKind, key: string): ApiObject | undefined {
    const previous = this.read(kind, key);
    if (previous === undefined) return undefined;
    return this.#commit({ type: 'DELETED', kind, key, object: previous, previous });
  }

  /** The objects at a version, sorted by key. The version must be neither compacted nor in the future. */
  objectsAt(
    { resource }: ResourceKind,
    revision: number,
  ): readonly (readonly [string, ApiObject])[] {
    const table = this.#tableAt(resource, revision);
    return [...table].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  changesAfter(revision: number): readonly Change[] {
    return this.#history.filter((change) => change.revision > revision);
  }

  /** Drops the whole history. */
  compact(): void {
    this.#history = [];
    this.#compactedRevision = this.#revision;
  }

  /** Calls the listener after every change, in order. Returns a function that unsubscribes it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Commits nothing that `work` puts or removes: the objects keep the versions that they have. */
  rehearse<T>(work: () => T): T {
    this.#isRehearsal = true;
    try {
      return work();
    } finally {
      this.#isRehearsal = false;
    }
  }

  #commit(
    step: Omit<Change, 'revision' | 'resource'> & { readonly kind: ResourceKind },
  ): ApiObject {
    const { type, kind, key, previous } = step;
    if (this.#isRehearsal) return step.object;
    const revision = ++this.#revision;
    const object = {
      ...step.object,
      metadata: { ...step.object.metadata, resourceVersion: String(revision) },
    };
    const table = this.#tables.get(kind.resource) ?? new Map<string, ApiObject>();
    this.#tables.set(kind.resource, table);
    if (type === 'DELETED') table.delete(key);
    else table.set(key, object);
    const change: Change = { revision, type, resource: kind.resource, key, object, previous };
    this.#remember(change);
    for (const listener of this.#listeners) listener(change);
    return object;
  }

  #remember(change: Change): void {
    this.#history.push(change);
    if (this.#history.length <= this.#historyLimit) return;
    const forgotten = this.#history.shift();
    if (forgotten !== undefined) this.#compactedRevision = forgotten.revision;
  }

  #tableAt(resource: string, revision: number): Table {
    const table = new Map(this.#tables.get(resource));
    for (let index = this.#history.length - 1; index >= 0; index--) {
      const change = this.#history[index];
      if (change === undefined || change.revision <= revision) break;
      if (change.resource !== resource) continue;
      if (change.previous === undefined) table.delete(change.key);
      else table.set(change.key, change.previous);
    }
    return table;
  }
}

export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
