/** Remembers which Events were emitted, so that none repeats too soon, even if its wording varies. */
import { createHash } from 'node:crypto';
import { isRecent } from '../../base/duplicate-filter.ts';
import type { NamespaceEvent } from '../../controller/ports/events.ts';

const REPEAT_AFTER_MS = 5 * 60_000;
/** The API server keeps Events for an hour: after that, a new Event is created. */
const FORGET_AFTER_MS = 60 * 60_000;
/** Different messages for one reason on one object that are emitted at once; a further one waits like a repeat. */
const MAX_WORDINGS = 10;
const MAX_TOPICS = 20_000;
const REQUEST_ID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;

export interface ReportedEvent {
  /** The name of the Event object. */
  readonly name: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly count: number;
}

export class ReportedEvents {
  readonly #reporter: string;
  /** By object and reason, then by message, oldest report first. */
  readonly #topics = new Map<string, Map<string, ReportedEvent>>();

  /** `reporter` becomes part of each Event's name. */
  constructor(reporter: string) {
    this.#reporter = reporter;
  }

  /** Whether this Event may be emitted now. */
  isNews(event: NamespaceEvent, now: Date): boolean {
    const wordings = this.#topics.get(topicOf(event));
    if (wordings === undefined) return true;
    const reported = wordings.get(constantPart(event));
    if (reported !== undefined) return !isFresh(reported, now);
    return wordings.size < MAX_WORDINGS || ![...wordings.values()].some((one) => isFresh(one, now));
  }

  /** Records that the Event is emitted now; returns its name, times and count. */
  report(event: NamespaceEvent, now: Date): ReportedEvent {
    const topic = topicOf(event);
    const message = constantPart(event);
    const wordings = this.#topics.get(topic) ?? this.#newTopic(topic, now);
    const reported = wordings.get(message);
    const next =
      reported === undefined
        ? { name: this.#nameOf(event, now), firstAt: now, lastAt: now, count: 1 }
        : { ...reported, lastAt: now, count: reported.count + 1 };
    // The latest report moves to the end of the map.
    wordings.delete(message);
    wordings.set(message, next);
    dropOld(wordings, now);
    return next;
  }

  /** Takes a report back: the Event could not be sent, so it may be emitted again at once. */
  retract({
    event,
    report,
  }: {
    readonly event: NamespaceEvent;
    readonly report: ReportedEvent;
  }): void {
    const topic = topicOf(event);
    const message = constantPart(event);
    const wordings = this.#topics.get(topic);
    if (wordings?.get(message) !== report) return;
    wordings.delete(message);
    if (wordings.size === 0) this.#topics.delete(topic);
  }

  #newTopic(topic: string, now: Date): Map<string, ReportedEvent> {
    if (this.#topics.size >= MAX_TOPICS) this.#prune(now);
    const wordings = new Map<string, ReportedEvent>();
    this.#topics.set(topic, wordings);
    return wordings;
  }

  /** Drops old topics; if that is not enough, all of them: a repeated Event is better than unbounded memory. */
  #prune(now: Date): void {
    for (const [topic, wordings] of this.#topics) {
      dropOld(wordings, now);
      if (wordings.size === 0) this.#topics.delete(topic);
    }
    if (this.#topics.size >= MAX_TOPICS) this.#topics.clear();
  }

  #nameOf(event: NamespaceEvent, now: Date): string {
    const { about, namespace } = event;
    const subject = about.kind === 'Namespace' ? namespace : about.name;
    const seed = [topicOf(event), constantPart(event), this.#reporter, now.getTime()];
    const suffix = createHash('sha256').update(JSON.stringify(seed)).digest('hex').slice(0, 16);
    // No label of a name may end with a dot or a dash.
    return `${subject.slice(0, 200).replace(/[.-]+$/, '')}.${suffix}`;
  }
}

function topicOf({ namespace, about, reason }: NamespaceEvent): string {
  return JSON.stringify([namespace, about.kind, about.uid, reason]);
}

/** Without request ids: messages that differ only in those are the same. */
function constantPart({ message }: NamespaceEvent): string {
  return message.replaceAll(REQUEST_ID, '*');
}

function isFresh({ lastAt }: ReportedEvent, now: Date): boolean {
  return isRecent(lastAt.getTime(), now.getTime(), REPEAT_AFTER_MS);
}

function dropOld(wordings: Map<string, ReportedEvent>, now: Date): void {
  for (const [message, { lastAt }] of wordings) {
    const isForgotten = now.getTime() - lastAt.getTime() >= FORGET_AFTER_MS;
    if (isForgotten || wordings.size > MAX_WORDINGS) wordings.delete(message);
  }
}
