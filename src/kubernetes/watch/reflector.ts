/** Keeps a cache equal to the API server's state through every fault: lists once, then watches, resumes, relists. */
import { isForbidden } from '../transport/api-error.ts';
import { listObjects } from './list-objects.ts';
import { pause } from '../../base/pause.ts';
import { renderError } from '../../domain/errors.ts';
import { presentable } from '../wire/presentable.ts';
import { Projection } from './projection.ts';
import { ReflectorHealth, type ReflectorState } from './reflector-health.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { type Ending, endingOf, FIXES, REACTIONS } from './watch-ending.ts';
import { WatchBackoff } from './watch-backoff.ts';
import { WatchSession } from './watch-session.ts';
import type { CachedObject } from '../transport/object-meta.ts';

/** The safety net against a watch that withholds events: at most this long, and up to a tenth less at random. */
const RELIST_MS = 30 * 60_000;
const RELIST_JITTER = 0.1;
/** A watch that lasted this long did its work: the next one starts without a wait. */
const SHORT_MS = 5000;
const FAULTS_BEFORE_RELIST = 5;
/** After this many failures in a row there is at most one relist in 30 s. */
const STORM_ATTEMPTS = 3;
const STORM_DELAY_MS = 30_000;
const RETRY_AFTER_AT_MOST_MS = 60_000;
/** While it starts, an API server refuses everybody until it has read its roles: the first denials are not logged. */
const LOG_AT_DENIAL = 3;
const WARN_AT_ATTEMPT = 3;
/** Usually more than ten seconds: from then on, those who wait for this resource go on without it. */
const GIVE_UP_AT_DENIAL = 6;

/**
 * Fills one `ObjectCache`, which no other reflector may fill; its methods may be called at any time. It never throws
 * or rejects: every failure ends a list or watch, is recorded in `state`, reported to `onEnding`, logged, and retried
 * after a back-off for as long as it runs. The cache is always a state that the API server had, or newer by our own
 * writes; during an outage it keeps the last one. No deletion is missed: after a gap that a watch can't bridge, a
 * complete list replaces the cache. Nothing outlives the process; a new one starts with a list.
 */
export class Reflector<T extends CachedObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #projection: Projection<T>;
  readonly #health: ReflectorHealth;
  readonly #backoff: WatchBackoff;
  readonly #synced = Promise.withResolvers<void>();
  readonly #forbidden = Promise.withResolvers<void>();
  /** The version from which the watch resumes. */
  #version: string | undefined;
  /** Endings in a row because of a denial. */
  #denials = 0;
  #needsList = false;
  #relistAtMs = Infinity;
  #session: WatchSession<T> | undefined;
  /** Endings in a row without a good frame in between. */
  #faults = 0;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#projection = new Projection(options);
    this.#health = new ReflectorHealth(options.clock);
    this.#backoff = new WatchBackoff(options.clock, options.random);
  }

  get resource(): string {
    return this.#options.resource;
  }

  get namespace(): string | undefined {
    return this.#options.namespace;
  }

  get state(): ReflectorState {
    return this.#health.state;
  }

  /** How many of the objects are too large to be read. */
  get tooLarge(): number {
    return this.#options.cache.tooLarge;
  }

  /** Resolves when the cache holds its first complete list; never if that never comes. */
  untilSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Resolves once it is certain that we lack a permission; never if we have it. Retries go on nevertheless. */
  untilForbidden(): Promise<void> {
    return this.#forbidden.promise;
  }

  /** Does nothing while it runs. After a `stop` it resumes where it was. */
  start(): void {
    if (this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#running = this.#running.then(() => this.#run(abort.signal));
  }

  /** From this call on the cache does not change. Resolves when every connection is closed and every timer cleared. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    this.#abort = undefined;
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#session = undefined;
      const ending = await this.#listAndWatch(signal).catch(endingOf);
      if (signal.aborted) return;
      const delayMs = this.#reactTo(ending);
      if (delayMs > 0) await pause(this.#options.clock, delayMs, signal);
    }
  }

  async #listAndWatch(signal: AbortSignal): Promise<Ending> {
    const isDue = this.#needsList || this.#nowMs() >= this.#relistAtMs;
    const version = this.#version === undefined || isDue ? await this.#list(signal) : this.#version;
    const session = new WatchSession(
      { options: this.#options, projection: this.#projection, health: this.#health },
      version,
    );
    this.#session = session;
    const ending = await session.run(this.#relistAtMs - this.#nowMs(), signal);
    this.#version = session.version;
    if (session.hasAdvanced) this.#faults = 0;
    return ending;
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { random, cache } = this.#options;
    const from = {
      options: this.#options,
      projection: this.#projection,
      onItem: () => {
        this.#health.dataReceived();
      },
    };
    const { objects, version } = await listObjects(from, this.#version, signal);
    signal.throwIfAborted();
    cache.replaceAll(objects, version);
    this.#version = version;
    this.#needsList = false;
    this.#faults = 0;
    this.#relistAtMs = this.#nowMs() + RELIST_MS * (1 - RELIST_JITTER * random());
    this.#health.listed();
    this.#health.allowed('list');
    this.#synced.resolve();
    return version;
  }

  /** Returns how long to wait before the next attempt, in ms. */
  #reactTo(ending: Ending): number {
    const { cause, retryAfterMs = 0 } = ending;
    const { backOff, relist } = REACTIONS[cause];
    this.#recordEnding(ending);
    if (relist === 'afterSeveral') this.#faults += 1;
    if (relist === 'always' || this.#faults >= FAULTS_BEFORE_RELIST) this.#needsList = true;
    const openForMs = this.#session?.openForMs ?? 0;
    if (backOff === 'never' || (backOff === 'ifShort' && openForMs >= SHORT_MS)) return 0;
    const isStorm = cause === 'gone' && this.#backoff.attempts >= STORM_ATTEMPTS;
    const atLeastMs = isStorm ? STORM_DELAY_MS : Math.min(retryAfterMs, RETRY_AFTER_AT_MOST_MS);
    return this.#backoff.next(atLeastMs);
  }

  #recordEnding({ cause, error }: Ending): void {
    const verb = this.#session === undefined ? 'list' : 'watch';
    this.#denials = cause === 'denied' ? this.#denials + 1 : 0;
    const message = error === undefined ? '' : presentable(renderError(error), 512);
    this.#health.ended(cause, verb, message || cause);
    this.#options.onEnding?.(cause);
    if (this.#denials >= GIVE_UP_AT_DENIAL && isForbidden(error)) this.#forbidden.resolve();
    this.#logEnding({ cause, error }, verb);
  }

  #logEnding({ cause, error }: Ending, verb: string): void {
    const { log, resource, namespace } = this.#options;
    const place = namespace === undefined ? {} : { namespace };
    const fields = { resource, ...place, cause, verb, err: error, fix: FIXES[cause] };
    const keepsFailing = this.#backoff.attempts === WARN_AT_ATTEMPT;
    // Without a first list nothing works at all: most likely the setup is wrong.
    const hasNothing = cause === 'unreachable' && !this.#health.state.synced;
    if (this.#denials === LOG_AT_DENIAL) log.error(fields, 'not allowed to list or watch');
    else if (keepsFailing && hasNothing) log.error(fields, 'API server cannot be reached');
    else if (keepsFailing) log.warn(fields, 'watch keeps failing');
    else log.debug(fields, 'watch ended');
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}
