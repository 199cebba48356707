/** What a reflector needs: what to list and watch, where to keep it, and the means for that. */
import type { Clock, Random } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ObjectCache } from './object-cache.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import type { EndCause } from './watch-ending.ts';
import type { CachedObject, ObjectMeta } from '../transport/object-meta.ts';

export interface ReflectorOptions<T extends CachedObject> {
  /** For logs, such as `secrets`. */
  readonly resource: string;
  /** For logs: the only namespace that it watches. */
  readonly namespace?: string | undefined;
  readonly path: string;
  /** Such as `fieldSelector`. */
  readonly query?: NonNullable<ApiRequest['query']>;
  readonly listAccept?: string;
  readonly watchAccept?: string;
  /** Returns the little that we keep; `undefined` for an object to leave out. If it throws, the cached state stays. */
  readonly project: (object: unknown) => T | undefined;
  /** Returns what to keep of an object that is too large to be read. `known`: the cached state of the same object. */
  readonly unread: (meta: ObjectMeta, known: T | undefined) => T;
  readonly cache: ObjectCache<T>;
  readonly transport: Pick<Transport, 'list' | 'stream'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Called with the cause each time that a list or watch ended. Must not throw. */
  readonly onEnding?: (cause: EndCause) => void;
}
