/**
 * Tells the people of a namespace: core/v1 Events. Equal ones are counted up at most once in five minutes; there is a
 * limit to how many are sent, and what is over it is dropped and counted, for Events must never slow the work down.
 */
import { createHash } from 'node:crypto';
import type { Clock, EventSink, Log, NamespaceEvent } from '../controller/ports.ts';
import { isNotFound } from './api-error.ts';
import { MERGE_PATCH, objectPath } from './resources.ts';
import type { RequestBudget } from './request-budget.ts';
import type { Transport } from './transport.ts';

const REPEAT_AFTER_MS = 5 * 60_000;
/** The API server keeps Events for an hour: what is older is told anew. */
const FORGET_AFTER_MS = 60 * 60_000;
/** Waiting to be sent; each is small, and a flood says the same thing anyway. */
const MAX_QUEUED = 500;
const MAX_REMEMBERED = 20_000;
const MAX_MESSAGE = 1024;
const REQUEST_ID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
const COMPONENT = 'ecr-pull-secrets';

interface Dependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Told apart from other processes of ours: part of each Event's name. */
  readonly reporter: string;
  readonly onDropped: () => void;
  /** Of its own, beside the transport's: a flood of Events must leave room for the work. */
  readonly budget: RequestBudget;
}

interface Told {
  readonly name: string;
  readonly firstAt: Date;
  lastAt: Date;
  count: number;
}

export class EventRecorder implements EventSink {
  readonly #deps: Dependencies;
  readonly #told = new Map<string, Told>();
  readonly #queue: NamespaceEvent[] = [];
  readonly #abort = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  emit(event: NamespaceEvent): void {
    if (this.#abort.signal.aborted) return;
    const told = this.#told.get(keyOf(event));
    const now = this.#deps.clock.now();
    if (told !== undefined && now.getTime() - told.lastAt.getTime() < REPEAT_AFTER_MS) return;
    if (this.#queue.length >= MAX_QUEUED) return this.#deps.onDropped();
    this.#remember(event, told, now);
    this.#queue.push(event);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Sends what is queued for at most `graceMs`, then gives up. */
  async stop(graceMs: number): Promise<void> {
    const cancel = this.#deps.clock.after(graceMs, () => this.#abort.abort());
    await this.#sending;
    cancel();
    this.#abort.abort();
  }

  /** One at a time: Events are the least urgent of all that we ask of the API server. */
  async #send(): Promise<void> {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      if (this.#abort.signal.aborted) return;
      const told = this.#told.get(keyOf(event));
      if (told === undefined) continue;
      try {
        await this.#deps.budget.take(this.#abort.signal);
        await this.#write(event, told);
      } catch (err) {
        this.#deps.log.debug(
          { namespace: event.namespace, reason: event.reason, err },
          'event not sent',
        );
        this.#deps.onDropped();
      }
    }
  }

  async #write(event: NamespaceEvent, told: Told): Promise<void> {
    if (told.count > 1 && (await this.#countUp(event, told))) return;
    await this.#deps.transport.request({
      method: 'POST',
      path: objectPath(event.namespace, 'events'),
      contentType: 'application/json',
      body: JSON.stringify(renderEvent(event, told, this.#deps.reporter)),
      signal: this.#abort.signal,
    });
  }

  /** False where the Event has been swept away meanwhile. */
  async #countUp(event: NamespaceEvent, told: Told): Promise<boolean> {
    try {
      await this.#deps.transport.request({
        method: 'PATCH',
        path: objectPath(event.namespace, 'events', told.name),
        contentType: MERGE_PATCH,
        body: JSON.stringify({ count: told.count, lastTimestamp: toSeconds(told.lastAt) }),
        signal: this.#abort.signal,
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  #remember(event: NamespaceEvent, told: Told | undefined, now: Date): void {
    if (told !== undefined) {
      told.lastAt = now;
      told.count += 1;
      return;
    }
    if (this.#told.size >= MAX_REMEMBERED) this.#prune(now);
    const key = keyOf(event);
    const name = eventName(event, `${key}/${this.#deps.reporter}/${now.getTime()}`);
    this.#told.set(key, { name, firstAt: now, lastAt: now, count: 1 });
  }

  /** Old ones first; where that is not enough, all: telling something twice is better than growing. */
  #prune(now: Date): void {
    for (const [key, { lastAt }] of this.#told) {
      if (now.getTime() - lastAt.getTime() >= FORGET_AFTER_MS) this.#told.delete(key);
    }
    if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
  }
}

/** Equal are: object, reason and message, whatever request id a message quotes. */
function keyOf({ namespace, about, reason, message }: NamespaceEvent): string {
  const constant = message.replaceAll(REQUEST_ID, '*');
  return JSON.stringify([namespace, about.kind, about.uid, reason, constant]);
}

function eventName({ about, namespace }: NamespaceEvent, seed: string): string {
  const subject = about.kind === 'Namespace' ? namespace : about.name;
  const suffix = createHash('sha256').update(seed).digest('hex').slice(0, 16);
  return `${subject.slice(0, 200)}.${suffix}`;
}

/** Without `involvedObject.namespace` an Event about a Namespace may live in `default` only, where its tenants can't see it. */
function renderEvent(event: NamespaceEvent, told: Told, reporter: string): unknown {
  const { about, namespace, type, reason, message } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: told.name, namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: about.kind,
      name: about.kind === 'Namespace' ? namespace : about.name,
      namespace,
      uid: about.uid,
    },
    type,
    reason,
    message: message.slice(0, MAX_MESSAGE),
    count: told.count,
    firstTimestamp: toSeconds(told.firstAt),
    lastTimestamp: toSeconds(told.lastAt),
    source: { component: COMPONENT, host: reporter },
    reportingComponent: COMPONENT,
    reportingInstance: reporter,
  };
}

/** `metav1.Time` has seconds only. */
function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
