/**
 * Reports to the people of a namespace with core/v1 Events. Repeats of one Event raise its count, at most once in five
 * minutes. The rate and the queue are limited; what exceeds the limit is dropped and counted, because Events must never
 * slow the work down.
 */
import type { Clock } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import type { Log } from '../../base/log.ts';
import type { EventSink, NamespaceEvent } from '../../controller/ports/events.ts';
import { isNamespaceTerminating, isNotFound } from '../transport/api-error.ts';
import { MERGE_PATCH, objectPath } from '../transport/resources.ts';
import type { RequestBudget } from '../transport/request-budget.ts';
import { type ReportedEvent, ReportedEvents } from './reported-events.ts';
import type { Transport } from '../transport/transport.ts';

/** Events waiting to be sent: each is small, and a longer queue would only repeat the same message. */
const MAX_QUEUED = 500;
/** For one namespace: a flood there must not crowd out the Events of other namespaces. */
const MAX_QUEUED_OF_ONE = 50;
const MAX_MESSAGE = 1024;
const COMPONENT = 'ecr-pull-secrets';

interface Dependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Distinguishes this process from our other processes: part of each Event's name. */
  readonly reporter: string;
  readonly onDropped: () => void;
  /** Separate from the transport's budget: a flood of Events must leave room for the work. */
  readonly budget: RequestBudget;
}

interface Queued {
  readonly event: NamespaceEvent;
  readonly report: ReportedEvent;
}

export class EventRecorder implements EventSink {
  readonly #deps: Dependencies;
  readonly #reported: ReportedEvents;
  readonly #queue: Queued[] = [];
  /** Starts with `stop`. */
  readonly #deadline: Deadline;
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#deadline = new Deadline(deps.clock);
    this.#reported = new ReportedEvents(deps.reporter);
  }

  emit(event: NamespaceEvent): void {
    const now = this.#deps.clock.now();
    if (this.#deadline.signal.aborted || !this.#reported.isNews(event, now)) return;
    if (!this.#hasRoomFor(event)) return this.#deps.onDropped();
    this.#queue.push({ event, report: this.#reported.report(event, now) });
    if (!this.#isSending) this.#sending = this.#sendAll();
  }

  /** Spends at most `graceMs` on sending what is queued, then drops the rest. Later calls of `emit` do nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#deadline.restart(graceMs);
    await this.#sending;
    this.#deadline.end();
  }

  #hasRoomFor({ namespace }: NamespaceEvent): boolean {
    const ofOne = this.#queue.filter((queued) => queued.event.namespace === namespace);
    return this.#queue.length < MAX_QUEUED && ofOne.length < MAX_QUEUED_OF_ONE;
  }

  /** One at a time: Events are the least urgent of our requests to the API server. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#send(next);
    }
    // No `await` after the queue was found empty: a later `emit` must see this flag.
    this.#isSending = false;
  }

  async #send(queued: Queued): Promise<void> {
    const { namespace, reason } = queued.event;
    try {
      await this.#deps.budget.take(this.#deadline.signal);
      await this.#write(queued);
    } catch (err) {
      this.#deps.log.debug({ namespace, reason, err }, 'event not sent');
      // In a namespace that is being deleted nobody needs the Event, so it does not count as dropped.
      if (!isNamespaceTerminating(err) && !isNotFound(err)) this.#deps.onDropped();
    }
  }

  async #write({ event, report }: Queued): Promise<void> {
    if (report.count > 1 && (await this.#incrementCount(event, report))) return;
    await this.#deps.transport.request({
      method: 'POST',
      path: objectPath(event.namespace, 'events'),
      contentType: 'application/json',
      body: JSON.stringify(renderEvent(event, report, this.#deps.reporter)),
      signal: this.#deadline.signal,
    });
  }

  /** False if the API server no longer has the Event. */
  async #incrementCount(event: NamespaceEvent, report: ReportedEvent): Promise<boolean> {
    try {
      await this.#deps.transport.request({
        method: 'PATCH',
        path: objectPath(event.namespace, 'events', report.name),
        contentType: MERGE_PATCH,
        body: JSON.stringify({ count: report.count, lastTimestamp: toSeconds(report.lastAt) }),
        signal: this.#deadline.signal,
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

/**
 * `involvedObject.namespace` is always set: without it, an Event about a Namespace may only live in `default`, where
 * the people of the namespace can't see it.
 */
function renderEvent(event: NamespaceEvent, report: ReportedEvent, reporter: string): unknown {
  const { about, namespace, type, reason, message } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: report.name, namespace },
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
    count: report.count,
    firstTimestamp: toSeconds(report.firstAt),
    lastTimestamp: toSeconds(report.lastAt),
    source: { component: COMPONENT, host: reporter },
    reportingComponent: COMPONENT,
    reportingInstance: reporter,
  };
}

/** `metav1.Time` has whole seconds only. */
function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
