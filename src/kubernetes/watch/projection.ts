/** Reduces each object to what we keep. An object that can't be read affects only what we know of that object. */
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import { type CachedObject, type ObjectMeta, readObjectMeta } from '../transport/object-meta.ts';
import type { ReadObject } from '../transport/read-object.ts';
import type { ReflectorOptions } from './reflector-options.ts';

type ProjectionOptions<T extends CachedObject> = Pick<
  ReflectorOptions<T>,
  'resource' | 'project' | 'unread' | 'cache' | 'clock' | 'log'
>;

/** Whoever keeps changing the size of an object must not fill the log. */
const LOG_EVERY_MS = 5 * 60_000;

export class Projection<T extends CachedObject> {
  readonly #options: ProjectionOptions<T>;
  /** By namespace. */
  readonly #logged = new DuplicateFilter(LOG_EVERY_MS);

  constructor(options: ProjectionOptions<T>) {
    this.#options = options;
  }

  /** None or one. If an object can't be read, its cached state stays: leaving it out would count as its deletion. */
  listed(item: ReadObject): readonly T[] {
    if (item.kind === 'tooLarge') return [this.#unread(item.meta)];
    const meta = readObjectMeta(item.object);
    const known = meta === undefined ? undefined : this.#known(meta);
    try {
      const object = this.#options.project(item.object);
      if (object === undefined) return [];
      // The same state: keep one record of it, not two.
      return [known?.resourceVersion === object.resourceVersion ? known : object];
    } catch (err) {
      this.#logUnreadable(err, meta);
      return known === undefined ? [] : [known];
    }
  }

  changed(meta: ObjectMeta, item: ReadObject): void {
    const { cache, project } = this.#options;
    if (item.kind === 'tooLarge') {
      cache.upsert(this.#unread(meta));
      return;
    }
    let projected: T | undefined;
    try {
      projected = project(item.object);
    } catch (err) {
      this.#logUnreadable(err, meta);
      return;
    }
    // Before this change it may have been one that we keep.
    if (projected === undefined) cache.remove(meta);
    else cache.upsert(projected);
  }

  /** The cached state of this object, not of another one that had its name. */
  #known({ namespace, name, uid }: ObjectMeta): T | undefined {
    const known = this.#options.cache.get(namespace, name);
    return known?.uid === uid ? known : undefined;
  }

  #unread(meta: ObjectMeta): T {
    const { log, resource, unread, clock } = this.#options;
    const { namespace = meta.name, name } = meta;
    if (this.#logged.isNews(namespace, '', clock.monotonicMs())) {
      log.warn({ resource, namespace, name }, 'object is too large to be read');
    }
    return unread(meta, this.#known(meta));
  }

  #logUnreadable(err: unknown, meta: ObjectMeta | undefined): void {
    const { log, resource } = this.#options;
    log.error(
      { err, resource, namespace: meta?.namespace, name: meta?.name },
      'object cannot be read',
    );
  }
}
