/** Keeps a cache equal to what the API server has, through every fault: lists once, then watches, resumes, relists. */
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
import type { ObjectMeta } from '../transport/object-meta.ts';

/** The backstop against a watch that withholds events: this long at most, and a tenth less by chance. */
const RELIST_MS = 30 * 60_000;
const RELIST_JITTER = 0.1;
/** A watch that lasted as long did its work: no wait before the next. */
const SHORT_MS = 5000;
const FAULTS_BEFORE_RELIST = 5;
/** After so many failures in a row there is at most one relist in 30 s. */
const STORM_ATTEMPTS = 3;
const STORM_DELAY_MS = 30_000;
const RETRY_AFTER_AT_MOST_MS = 60_000;
/** An API server that starts refuses everybody until it has read its roles. */
const TELL_AT_DENIAL = 3;
const WARN_AT_ATTEMPT = 3;
/** Mostly more than ten seconds: whoever goes on without this then, goes on without it. */
const GIVE_UP_AT_DENIAL = 6;

export class Reflector<T extends ObjectMeta> {
  readonly #options: ReflectorOptions<T>;
  readonly #projection: Projection<T>;
  readonly #health = new ReflectorHealth();
  readonly #backoff: WatchBackoff;
  readonly #synced = Promise.withResolvers<void>();
  readonly #forbidden = Promise.withResolvers<void>();
  /** Where the watch resumes. */
  #version: string | undefined;
  /** Endings in a row for lack of rights. */
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

  /** Resolves when the cache holds its first whole list; never, if that never comes. */
  untilSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Resolves when it is certain that we lack a right; never, if we don't. It is still tried again and again. */
  untilForbidden(): Promise<void> {
    return this.#forbidden.promise;
  }

  /** Does nothing while running. After a `stop` it goes on where it was. */
  start(): void {
    if (this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#running = this.#running.then(() => this.#run(abort.signal));
  }

  /** From the call on the cache changes no more; resolves when every connection and timer is freed. */
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
    // Never further away than a whole interval, wherever the clock was set meanwhile.
    const untilRelistMs = Math.min(RELIST_MS, this.#relistAtMs - this.#nowMs());
    const ending = await session.run(untilRelistMs, signal);
    this.#version = session.version;
    if (session.hasAdvanced) this.#faults = 0;
    return ending;
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { clock, random, cache } = this.#options;
    const from = {
      options: this.#options,
      projection: this.#projection,
      onPage: () => {
        this.#health.heard(clock.now());
      },
    };
    const { objects, version } = await listObjects(from, this.#version, signal);
    signal.throwIfAborted();
    cache.replaceAll(objects, version);
    this.#version = version;
    this.#needsList = false;
    this.#faults = 0;
    this.#relistAtMs = this.#nowMs() + RELIST_MS * (1 - RELIST_JITTER * random());
    this.#health.listed(clock.now());
    this.#health.allowed('list');
    this.#synced.resolve();
    return version;
  }

  /** Gives how long to wait before going on, in ms. */
  #reactTo(ending: Ending): number {
    const { cause, retryAfterMs = 0 } = ending;
    const { backOff, relist } = REACTIONS[cause];
    this.#note(ending);
    if (relist === 'afterSeveral') this.#faults += 1;
    if (relist === 'always' || this.#faults >= FAULTS_BEFORE_RELIST) this.#needsList = true;
    const openForMs = this.#session?.openForMs ?? 0;
    if (backOff === 'never' || (backOff === 'ifShort' && openForMs >= SHORT_MS)) return 0;
    const isStorm = cause === 'gone' && this.#backoff.attempts >= STORM_ATTEMPTS;
    const atLeastMs = isStorm ? STORM_DELAY_MS : Math.min(retryAfterMs, RETRY_AFTER_AT_MOST_MS);
    return this.#backoff.next(atLeastMs);
  }

  #note({ cause, error }: Ending): void {
    const verb = this.#session === undefined ? 'list' : 'watch';
    this.#denials = cause === 'denied' ? this.#denials + 1 : 0;
    const message = error === undefined ? '' : presentable(renderError(error), 512);
    this.#health.ended(cause, verb, message || cause);
    this.#options.onEnding?.(cause);
    if (this.#denials >= GIVE_UP_AT_DENIAL && isForbidden(error)) this.#forbidden.resolve();
    this.#tell({ cause, error }, verb);
  }

  #tell({ cause, error }: Ending, verb: string): void {
    const { log, resource, namespace } = this.#options;
    const place = namespace === undefined ? {} : { namespace };
    const fields = { resource, ...place, cause, verb, err: error, fix: FIXES[cause] };
    const keepsFailing = this.#backoff.attempts === WARN_AT_ATTEMPT;
    // Without a first list nothing works at all: most likely something was set up wrong.
    const hasNothing = cause === 'unreachable' && !this.#health.state.synced;
    if (this.#denials === TELL_AT_DENIAL) log.error(fields, 'not allowed to follow a resource');
    else if (keepsFailing && hasNothing) log.error(fields, 'API server can not be reached');
    else if (keepsFailing) log.warn(fields, 'watch keeps failing');
    else log.debug(fields, 'watch ended');
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }
}
