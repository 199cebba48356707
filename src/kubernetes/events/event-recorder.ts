/**
 * Tells the people of a namespace: core/v1 Events. Equal ones are counted up at most once in five minutes; there is a
 * limit to how many are sent, and what is over it is dropped and counted, for Events must never slow the work down.
 */
import type { Clock } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import type { Log } from '../../base/log.ts';
import type { EventSink, NamespaceEvent } from '../../controller/ports/events.ts';
import { isNamespaceTerminating, isNotFound } from '../transport/api-error.ts';
import { MERGE_PATCH, objectPath } from '../transport/resources.ts';
import type { RequestBudget } from '../transport/request-budget.ts';
import { type Told, ReportedEvents } from './reported-events.ts';
import type { Transport } from '../transport/transport.ts';

/** Waiting to be sent; each is small, and a flood says the same thing anyway. */
const MAX_QUEUED = 500;
/** Of one namespace: what its people flood must not keep the others from being told. */
const MAX_QUEUED_OF_ONE = 50;
const MAX_MESSAGE = 1024;
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

interface Queued {
  readonly event: NamespaceEvent;
  readonly told: Told;
}

export class EventRecorder implements EventSink {
  readonly #deps: Dependencies;
  readonly #told: ReportedEvents;
  readonly #queue: Queued[] = [];
  /** Sets in with `stop`. */
  readonly #deadline: Deadline;
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#deadline = new Deadline(deps.clock);
    this.#told = new ReportedEvents(deps.reporter);
  }

  emit(event: NamespaceEvent): void {
    const now = this.#deps.clock.now();
    if (this.#deadline.signal.aborted || !this.#told.isNews(event, now)) return;
    if (!this.#hasRoomFor(event)) return this.#deps.onDropped();
    this.#queue.push({ event, told: this.#told.tell(event, now) });
    if (!this.#isSending) this.#sending = this.#sendAll();
  }

  /** Sends what is queued for at most `graceMs`, then gives up. */
  async stop(graceMs: number): Promise<void> {
    this.#deadline.restart(graceMs);
    await this.#sending;
    this.#deadline.end();
  }

  #hasRoomFor({ namespace }: NamespaceEvent): boolean {
    const ofOne = this.#queue.filter((queued) => queued.event.namespace === namespace);
    return this.#queue.length < MAX_QUEUED && ofOne.length < MAX_QUEUED_OF_ONE;
  }

  /** One at a time: Events are the least urgent of all that we ask of the API server. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#send(next);
    }
    // In the same breath as the look at the empty queue: who emits next must see it.
    this.#isSending = false;
  }

  async #send(queued: Queued): Promise<void> {
    const { namespace, reason } = queued.event;
    try {
      await this.#deps.budget.take(this.#deadline.signal);
      await this.#write(queued);
    } catch (err) {
      this.#deps.log.debug({ namespace, reason, err }, 'event not sent');
      // Where the namespace is going there is nobody to tell.
      if (!isNamespaceTerminating(err) && !isNotFound(err)) this.#deps.onDropped();
    }
  }

  async #write({ event, told }: Queued): Promise<void> {
    if (told.count > 1 && (await this.#countUp(event, told))) return;
    await this.#deps.transport.request({
      method: 'POST',
      path: objectPath(event.namespace, 'events'),
      contentType: 'application/json',
      body: JSON.stringify(renderEvent(event, told, this.#deps.reporter)),
      signal: this.#deadline.signal,
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
        signal: this.#deadline.signal,
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
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
