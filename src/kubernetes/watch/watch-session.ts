/** One watch, from its opening to its end: feeds the cache and keeps the version from which the next one resumes. */
import { recordOf } from '../../base/json.ts';
import { TransientError } from '../../domain/errors.ts';
import { ApiError } from '../transport/api-error.ts';
import { Deadline } from '../../base/deadline.ts';
import type { JsonPiece } from '../json/json-piece.ts';
import type { Projection } from './projection.ts';
import type { ReflectorHealth } from './reflector-health.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { isOlder } from './resource-version.ts';
import { type Ending, endingOf } from './watch-ending.ts';
import { parseWatchFrame, type WatchFrame } from './watch-frame.ts';
import type { CachedObject } from '../transport/object-meta.ts';

/** A bookmark is due every 60 s, but healthy watches were silent for up to 121 s: a false alarm costs one request. */
const SILENCE_MS = 90_000;
const SERVER_ENDS_AFTER_AT_LEAST_S = 300;
const SERVER_ENDS_WITHIN_S = 301;

export class WatchSession<T extends CachedObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #projection: Projection<T>;
  readonly #health: ReflectorHealth;
  #version: string;
  #openedAtMs: number | undefined;
  #hasAdvanced = false;

  constructor(
    deps: {
      readonly options: ReflectorOptions<T>;
      readonly projection: Projection<T>;
      readonly health: ReflectorHealth;
    },
    version: string,
  ) {
    this.#options = deps.options;
    this.#projection = deps.projection;
    this.#health = deps.health;
    this.#version = version;
  }

  /** Everything up to this version is in the cache. */
  get version(): string {
    return this.#version;
  }

  /** Whether there was at least one good frame. */
  get hasAdvanced(): boolean {
    return this.#hasAdvanced;
  }

  /** Since the head of the answer arrived. */
  get openForMs(): number {
    return this.#openedAtMs === undefined ? 0 : this.#nowMs() - this.#openedAtMs;
  }

  /**
   * Never rejects. Ends by itself after `limitMs`, for a relist. After the signal has aborted, it changes no cache.
   */
  async run(limitMs: number, signal: AbortSignal): Promise<Ending> {
    const limit = new Deadline(this.#options.clock, { parent: signal, limitMs });
    try {
      const ending = await this.#follow(limit.signal);
      return limit.expired ? { cause: 'relist' } : ending;
    } catch (error) {
      return limit.expired ? { cause: 'relist' } : endingOf(error);
    } finally {
      limit.end();
    }
  }

  async #follow(signal: AbortSignal): Promise<Ending> {
    const lines = await this.#open(signal);
    this.#openedAtMs = this.#nowMs();
    this.#health.dataReceived();
    this.#health.allowed('watch');
    for await (const line of lines) {
      if (signal.aborted) break;
      this.#health.dataReceived();
      const ending = this.#handle(parseWatchFrame(line));
      if (ending !== undefined) return ending;
    }
    return { cause: 'ended' };
  }

  #open(signal: AbortSignal): Promise<AsyncIterable<JsonPiece>> {
    const { path, query, watchAccept, transport, random } = this.#options;
    return transport.stream(
      {
        method: 'GET',
        path,
        query: {
          ...query,
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.#version,
          timeoutSeconds:
            SERVER_ENDS_AFTER_AT_LEAST_S + Math.floor(random() * SERVER_ENDS_WITHIN_S),
        },
        ...(watchAccept === undefined ? {} : { accept: watchAccept }),
        signal,
      },
      SILENCE_MS,
    );
  }

  /** Returns an ending if the watch must end with this frame. */
  #handle(frame: WatchFrame): Ending | undefined {
    const { cache, path } = this.#options;
    switch (frame.kind) {
      case 'changed':
        this.#projection.changed(frame.meta, frame.item);
        return this.#advanceTo(frame.meta.resourceVersion);
      case 'deleted':
        cache.remove(frame.meta);
        return this.#advanceTo(frame.meta.resourceVersion);
      case 'bookmark':
        // The version went backwards: the server has another history than ours.
        if (isOlder(frame.resourceVersion, this.#version)) return { cause: 'gone' };
        cache.advanceTo(frame.resourceVersion);
        return this.#advanceTo(frame.resourceVersion);
      case 'error': {
        const { code } = recordOf(frame.status);
        const status = typeof code === 'number' ? code : 500;
        return endingOf(new ApiError({ call: `WATCH ${path}`, status, answer: frame.status }));
      }
      case 'malformed': {
        const message = `watching ${path}: ${frame.why}`;
        return endingOf(new TransientError(message, { code: 'API_MALFORMED_ANSWER' }));
      }
    }
  }

  #advanceTo(version: string): undefined {
    this.#version = version;
    this.#hasAdvanced = true;
    this.#health.eventReceived();
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}
