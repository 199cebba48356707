/** Reduces each object to what we keep. An object that can't be read affects only what we know of that object. */
import { TransientError } from '../../domain/errors.ts';
import { type ObjectMeta, readObjectMeta } from '../transport/object-meta.ts';
import type { ReadObject } from '../transport/read-object.ts';
import type { ReflectorOptions } from './reflector-options.ts';

type ProjectionOptions<T extends ObjectMeta> = Pick<
  ReflectorOptions<T>,
  'resource' | 'project' | 'cache' | 'log'
>;

export class Projection<T extends ObjectMeta> {
  readonly #options: ProjectionOptions<T>;

  constructor(options: ProjectionOptions<T>) {
    this.#options = options;
  }

  /** None or one. If an object can't be read, its cached state stays: leaving it out would count as its deletion. */
  listed(item: ReadObject): readonly T[] {
    const meta = item.kind === 'tooLarge' ? item.meta : readObjectMeta(item.object);
    const known = meta === undefined ? undefined : this.#known(meta);
    try {
      const object = this.#project(item);
      if (object === undefined) return [];
      // The same state: keep one record of it, not two.
      return [known?.resourceVersion === object.resourceVersion ? known : object];
    } catch (err) {
      this.#logUnreadable(err, meta);
      return known === undefined ? [] : [known];
    }
  }

  changed(meta: ObjectMeta, item: ReadObject): void {
    const { cache } = this.#options;
    let projected: T | undefined;
    try {
      projected = this.#project(item);
    } catch (err) {
      this.#logUnreadable(err, meta);
      return;
    }
    // Before this change it may have been one that we keep.
    if (projected === undefined) cache.remove(meta);
    else cache.upsert(projected);
  }

  #project(item: ReadObject): T | undefined {
    if (item.kind === 'parsed') return this.#options.project(item.object);
    throw new TransientError('the object is too large', { code: 'API_RESPONSE_TOO_LARGE' });
  }

  /** The cached state of this object, not of another one that had its name. */
  #known({ namespace, name, uid }: ObjectMeta): T | undefined {
    const known = this.#options.cache.get(namespace, name);
    return known?.uid === uid ? known : undefined;
  }

  #logUnreadable(err: unknown, meta: ObjectMeta | undefined): void {
    const { log, resource } = this.#options;
    log.error(
      { err, resource, namespace: meta?.namespace, name: meta?.name },
      'object cannot be read',
    );
  }
}
