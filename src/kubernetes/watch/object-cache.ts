/** The cache of one kind of object, fed by a reflector and by the answers to our own writes: the newest wins. */
import type { Log } from '../../base/log.ts';
import { compareResourceVersions, isOlder } from './resource-version.ts';
import type { CachedObject, ObjectMeta } from '../transport/object-meta.ts';

export type ObjectChange<T> =
  | { readonly kind: 'added'; readonly object: T; readonly previous: undefined }
  | { readonly kind: 'modified'; readonly object: T; readonly previous: T }
  /** `object` is the last known state. */
  | { readonly kind: 'deleted'; readonly object: T; readonly previous: T };

type Listener<T> = (change: ObjectChange<T>) => void;

/**
 * Read your writes: an object that was absorbed from the answer to a write is never replaced by an older one from a
 * watch or a list. Another UID under the same name is another object: the listener gets a deletion and an addition.
 *
 * At most one reflector calls `upsert`, `remove`, `advanceTo` and `replaceAll`; anyone with an answer from the API
 * server may call `absorb` and `absorbRemoval`. Nothing throws, and every call may be repeated: what is not newer
 * changes nothing. The listener runs within the call, after the cache has the change. The cache lives in memory only;
 * after a restart it is empty until the first list.
 */
export class ObjectCache<T extends CachedObject> {
  readonly #log: Log;
  #objects = new Map<string, Map<string, T>>();
  #size = 0;
  #tooLarge = 0;
  /** UIDs that our own deletions removed, until the watch confirms it: what it reports of them until then is old. */
  readonly #removed = new Set<string>();
  /** The version that lists and the watch have reached; our own writes may be ahead of it. */
  #syncedVersion: string | undefined;
  #listener: Listener<T> = () => undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Sets the one listener. It is called once the cache has the change; what it throws is logged. */
  listen(listener: Listener<T>): void {
    this.#listener = listener;
  }

  get size(): number {
    return this.#size;
  }

  /** How many of the objects are too large to be read. */
  get tooLarge(): number {
    return this.#tooLarge;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(namespace ?? '')?.get(name);
  }

  *inNamespace(namespace: string): Iterable<T> {
    yield* this.#objects.get(namespace)?.values() ?? [];
  }

  *all(): Iterable<T> {
    for (const byName of this.#objects.values()) yield* byName.values();
  }

  /** Takes in an added or modified object from a watch. */
  upsert(object: T): void {
    this.advanceTo(object.resourceVersion);
    this.#emitAll(this.#put(object));
  }

  /** Takes in the answer to our own write or read of an object; ignored if the watch has already seen its deletion. */
  absorb(object: T): void {
    if (!this.#isDeletedSince(object)) this.#emitAll(this.#put(object));
  }

  /** Takes in our own deletion, if the object is really gone (no finalizers). */
  absorbRemoval(object: Pick<ObjectMeta, 'namespace' | 'name' | 'uid'>): void {
    this.#removed.add(object.uid);
    const present = this.get(object.namespace, object.name);
    if (present?.uid === object.uid) this.#emitAll([this.#take(present)]);
  }

  /** Takes in a deletion from a watch; `object` has the version of the deletion. */
  remove(object: ObjectMeta): void {
    this.advanceTo(object.resourceVersion);
    this.#removed.delete(object.uid);
    const present = this.get(object.namespace, object.name);
    if (present === undefined) return;
    if (present.uid !== object.uid && !isOlder(present.resourceVersion, object.resourceVersion)) {
      return;
    }
    this.#emitAll([this.#take(present)]);
  }

  /** Takes in a bookmark: the watch has reported everything up to this version. An older version changes nothing. */
  advanceTo(version: string): void {
    if (this.#syncedVersion !== undefined && !isOlder(this.#syncedVersion, version)) return;
    this.#syncedVersion = version;
  }

  /**
   * Takes in a list: what it lacks is gone, except what is newer than the list. A list older than the version that we
   * have reached comes from a restored etcd, whose versions can't be compared with ours: it replaces everything.
   */
  replaceAll(items: readonly T[], listVersion: string): void {
    const isRestored =
      this.#syncedVersion !== undefined && isOlder(listVersion, this.#syncedVersion);
    this.#syncedVersion = listVersion;
    if (isRestored) this.#removed.clear();
    const uids = new Set(items.map(({ uid }) => uid));
    const changes: ObjectChange<T>[] = [];
    for (const present of this.all()) {
      const isListed = uids.has(present.uid);
      if (isListed || (!isRestored && isOlder(listVersion, present.resourceVersion))) continue;
      changes.push(this.#take(present));
    }
    for (const item of items) changes.push(...this.#put(item, isRestored));
    for (const uid of this.#removed) if (!uids.has(uid)) this.#removed.delete(uid);
    this.#emitAll(changes);
  }

  /** Whether the watch is already past this version and the object is not in the cache. */
  #isDeletedSince({ namespace, name, uid, resourceVersion }: T): boolean {
    const synced = this.#syncedVersion;
    if (synced === undefined || !isOlder(resourceVersion, synced)) return false;
    const present = this.get(namespace, name);
    // An older object of another UID can't have replaced this one: the watch has missed its deletion.
    return (
      present === undefined ||
      (present.uid !== uid && !isOlder(present.resourceVersion, resourceVersion))
    );
  }

  #put(object: T, isRestored = false): readonly ObjectChange<T>[] {
    if (this.#removed.has(object.uid)) return [];
    const present = this.get(object.namespace, object.name);
    if (present === undefined) {
      this.#set(object);
      return [{ kind: 'added', object, previous: undefined }];
    }
    const order = compareResourceVersions(object.resourceVersion, present.resourceVersion);
    if (order === 0 && object.uid === present.uid) return [];
    if (order !== undefined && order < 0 && !isRestored) return [];
    if (present.uid === object.uid) {
      this.#set(object);
      return [{ kind: 'modified', object, previous: present }];
    }
    const gone = this.#take(present);
    this.#set(object);
    return [gone, { kind: 'added', object, previous: undefined }];
  }

  #set(object: T): void {
    const namespace = object.namespace ?? '';
    const byName = this.#objects.get(namespace) ?? new Map<string, T>();
    const previous = byName.get(object.name);
    if (previous === undefined) this.#size += 1;
    this.#tooLarge += countOf(object) - countOf(previous);
    this.#objects.set(namespace, byName.set(object.name, object));
  }

  #take(object: T): ObjectChange<T> {
    const namespace = object.namespace ?? '';
    const byName = this.#objects.get(namespace);
    if (byName?.delete(object.name) === true) {
      this.#size -= 1;
      this.#tooLarge -= countOf(object);
    }
    if (byName?.size === 0) this.#objects.delete(namespace);
    return { kind: 'deleted', object, previous: object };
  }

  #emitAll(changes: readonly ObjectChange<T>[]): void {
    for (const change of changes) {
      try {
        this.#listener(change);
      } catch (err) {
        this.#log.error({ err, namespace: change.object.namespace }, 'cache listener failed');
      }
    }
  }
}

function countOf(object: CachedObject | undefined): number {
  return object?.tooLarge === true ? 1 : 0;
}
