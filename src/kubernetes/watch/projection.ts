/** Reduces each object to what we keep. An object that can't be read affects only what we know of that object. */
import type { Log } from '../../base/log.ts';
import type { ObjectCache } from './object-cache.ts';
import { type ObjectMeta, readObjectMeta } from '../transport/object-meta.ts';

interface ProjectionOptions<T extends ObjectMeta> {
  readonly resource: string;
  readonly project: (object: unknown) => T | undefined;
  readonly cache: ObjectCache<T>;
  readonly log: Log;
}

export class Projection<T extends ObjectMeta> {
  readonly #options: ProjectionOptions<T>;

  constructor(options: ProjectionOptions<T>) {
    this.#options = options;
  }

  /** None or one. If an object can't be read, its cached state stays: leaving it out would count as its deletion. */
  listed(item: unknown): readonly T[] {
    const { cache, project } = this.#options;
    try {
      const object = project(item);
      return object === undefined ? [] : [object];
    } catch (err) {
      const meta = readObjectMeta(item);
      this.#logUnreadable(err, meta);
      const known = meta === undefined ? undefined : cache.get(meta.namespace, meta.name);
      return known?.uid === meta?.uid && known !== undefined ? [known] : [];
    }
  }

  changed({ meta, object }: { readonly meta: ObjectMeta; readonly object: unknown }): void {
    const { cache, project } = this.#options;
    let projected: T | undefined;
    try {
      projected = project(object);
    } catch (err) {
      this.#logUnreadable(err, meta);
      return;
    }
    // Before this change it may have been one that we keep.
    if (projected === undefined) cache.remove(meta);
    else cache.upsert(projected);
  }

  #logUnreadable(err: unknown, meta: ObjectMeta | undefined): void {
    const { log, resource } = this.#options;
    log.error(
      { err, resource, namespace: meta?.namespace, name: meta?.name },
      'object cannot be read',
    );
  }
}
