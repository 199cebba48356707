/** What a reflector is told: what to follow, where to keep it, and what it needs for that. */
import type { Clock, Random } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ObjectCache } from './object-cache.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import type { EndCause } from './watch-ending.ts';
import type { ObjectMeta } from '../transport/object-meta.ts';

export interface ReflectorOptions<T extends ObjectMeta> {
  /** For logs, such as `secrets`. */
  readonly resource: string;
  /** For logs: the only one that it looks into. */
  readonly namespace?: string | undefined;
  readonly path: string;
  /** Such as `fieldSelector`. */
  readonly query?: NonNullable<ApiRequest['query']>;
  readonly listAccept?: string;
  readonly watchAccept?: string;
  /** The little that we keep; `undefined` for what we don't want. Should it throw, what is known already stays. */
  readonly project: (object: unknown) => T | undefined;
  readonly cache: ObjectCache<T>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Hears why each list or watch ended. Must not throw. */
  readonly onEnding?: (cause: EndCause) => void;
}
