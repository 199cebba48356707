/** The cache of one kind of object, in parts: each reflector fills its own, because each has a version of its own. */
import type { Log } from '../../base/log.ts';
import { ObjectCache, type ObjectChange } from '../watch/object-cache.ts';
import type { CachedObject, ObjectMeta } from '../transport/object-meta.ts';

/** What determines the part that an object is in. */
export type Place = Pick<ObjectMeta, 'namespace' | 'name'>;

export class PartedCache<T extends CachedObject> {
  readonly #partOf: (place: Place) => string;
  readonly #log: Log;
  readonly #parts = new Map<string, ObjectCache<T>>();
  #listener: (change: ObjectChange<T>) => void = () => undefined;

  /** `partOf` names the part that an object is in. */
  constructor(partOf: (place: Place) => string, log: Log) {
    this.#partOf = partOf;
    this.#log = log;
  }

  /** Sets the one listener, as `ObjectCache.listen` does. */
  listen(listener: (change: ObjectChange<T>) => void): void {
    this.#listener = listener;
  }

  /** The part for an object at this place: for the one reflector that fills it. */
  part(place: Place): ObjectCache<T> {
    const key = this.#partOf(place);
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const part = new ObjectCache<T>(this.#log);
    part.listen((change) => this.#listener(change));
    this.#parts.set(key, part);
    return part;
  }

  get size(): number {
    return [...this.#parts.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get(namespace: string | undefined, name: string): T | undefined {
    const place = namespace === undefined ? { name } : { namespace, name };
    return this.#parts.get(this.#partOf(place))?.get(namespace, name);
  }

  *inNamespace(namespace: string): Iterable<T> {
    for (const part of this.#parts.values()) yield* part.inNamespace(namespace);
  }

  *all(): Iterable<T> {
    for (const part of this.#parts.values()) yield* part.all();
  }

  /** Takes in the answer to our own request. */
  absorb(object: T): void {
    this.part(object).absorb(object);
  }

  /** Takes in the answer to our own deletion. */
  absorbRemoval(object: Place & Pick<ObjectMeta, 'uid'>): void {
    this.part(object).absorbRemoval(object);
  }
}
