/**
 * Reports to the people of a namespace with core/v1 Events. Repeats of one Event raise its count, at most once in five
 * minutes. The rate, the queue and the time of each are limited; what exceeds the limit is dropped and counted, because
 * Events must never slow the work down.
 */
import type { Clock } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import type { Log } from '../../base/log.ts';
import type { EventSink, NamespaceEvent } from '../../controller/ports/events.ts';
import { isNamespaceTerminating, isNotFound } from '../transport/api-error.ts';
import { MERGE_PATCH, objectPath } from '../transport/resources.ts';
import type { RequestBudget } from '../transport/request-budget.ts';
import { EventQueue, type Queued } from './event-queue.ts';
import { type ReportedEvent, ReportedEvents } from './reported-events.ts';
import { SendSlots } from './send-slots.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';

/** From the moment when the request is sent. */
const SEND_LIMIT_MS = 5_000;
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

export class EventRecorder implements EventSink {
  readonly #deps: Dependencies;
  readonly #reported: ReportedEvents;
  readonly #queue: EventQueue;
  readonly #slots: SendSlots;
  readonly #sending = new Set<Promise<void>>();
  /** Starts with `stop`. */
  readonly #deadline: Deadline;
  #cancelWakeUp: () => void = () => undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#deadline = new Deadline(deps.clock);
    this.#reported = new ReportedEvents(deps.reporter);
    this.#queue = new EventQueue(deps.clock);
    this.#slots = new SendSlots(deps.clock, () => this.#sendMore());
  }

  emit(event: NamespaceEvent): void {
    const now = this.#deps.clock.now();
    if (this.#deadline.signal.aborted || !this.#reported.isNews(event, now)) return;
    if (!this.#queue.hasRoomFor(event)) return this.#deps.onDropped();
    this.#queue.add({ event, report: this.#reported.report(event, now) });
    this.#sendMore();
  }

  /** Spends at most `graceMs` on sending what is queued, then drops the rest. Later calls of `emit` do nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#deadline.restart(graceMs);
    while (this.#sending.size > 0) await Promise.all(this.#sending);
    this.#deadline.end();
    this.#cancelWakeUp();
    for (const _ of this.#queue.clear()) this.#deps.onDropped();
  }

  #sendMore(): void {
    while (this.#slots.areFree) {
      const next = this.#queue.take();
      if (next === undefined) break;
      const sent = this.#send(next).finally(() => {
        this.#sending.delete(sent);
        this.#sendMore();
      });
      this.#sending.add(sent);
    }
    this.#cancelWakeUp();
    const waitMs = this.#queue.nextInMs;
    if (waitMs === undefined || this.#deadline.signal.aborted) return;
    this.#cancelWakeUp = this.#deps.clock.after(waitMs, () => this.#sendMore());
  }

  async #send(queued: Queued): Promise<void> {
    const { event } = queued;
    const { namespace, reason } = event;
    const slot = this.#slots.take();
    const limit = new Deadline(this.#deps.clock, { parent: this.#deadline.signal });
    let isFailure = false;
    try {
      await this.#deps.budget.take(limit.signal);
      await this.#write(queued, {
        lane: 'routine',
        signal: limit.signal,
        onStart() {
          limit.restart(SEND_LIMIT_MS);
          slot.begin();
        },
      });
    } catch (err) {
      this.#deps.log.debug({ namespace, reason, err }, 'event not sent');
      // In a namespace that is being deleted nobody needs the Event, so it does not count as dropped.
      isFailure = !isNamespaceTerminating(err) && !isNotFound(err);
    }
    limit.release();
    slot.release();
    this.#queue.done(namespace, isFailure);
    if (!isFailure) return;
    this.#reported.retract(queued);
    this.#deps.onDropped();
  }

  async #write({ event, report }: Queued, sending: Sending): Promise<void> {
    if (report.count > 1 && (await this.#incrementCount(event, report, sending))) return;
    await this.#deps.transport.request({
      method: 'POST',
      path: objectPath(event.namespace, 'events'),
      contentType: 'application/json',
      body: JSON.stringify(renderEvent(event, report, this.#deps.reporter)),
      ...sending,
    });
  }

  /** False if the API server no longer has the Event. */
  async #incrementCount(
    event: NamespaceEvent,
    report: ReportedEvent,
    sending: Sending,
  ): Promise<boolean> {
    try {
      await this.#deps.transport.request({
        method: 'PATCH',
        path: objectPath(event.namespace, 'events', report.name),
        contentType: MERGE_PATCH,
        body: JSON.stringify({ count: report.count, lastTimestamp: toSeconds(report.lastAt) }),
        ...sending,
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

type Sending = Pick<ApiRequest, 'lane' | 'signal' | 'onStart'>;

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
