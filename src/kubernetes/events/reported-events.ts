/** Remembers what people have been told, so that nothing is repeated too soon, however its words vary. */
import { createHash } from 'node:crypto';
import { isRecent } from '../../base/duplicate-filter.ts';
import type { NamespaceEvent } from '../../controller/ports/events.ts';

const REPEAT_AFTER_MS = 5 * 60_000;
/** The API server keeps Events for an hour: what is older is told anew. */
const FORGET_AFTER_MS = 60 * 60_000;
/** In which one reason about one object is told at once; a further one is told like a repetition. */
const MAX_WORDINGS = 10;
const MAX_TOPICS = 20_000;
const REQUEST_ID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;

export interface Told {
  /** Of the Event. */
  readonly name: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly count: number;
}

export class ReportedEvents {
  readonly #reporter: string;
  /** By object and reason, then by message. */
  readonly #topics = new Map<string, Map<string, Told>>();

  /** `reporter` is a part of each Event's name. */
  constructor(reporter: string) {
    this.#reporter = reporter;
  }

  /** Whether it may be told now. */
  isNews(event: NamespaceEvent, now: Date): boolean {
    const wordings = this.#topics.get(topicOf(event));
    if (wordings === undefined) return true;
    const told = wordings.get(constantPart(event));
    if (told !== undefined) return !isFresh(told, now);
    return wordings.size < MAX_WORDINGS || ![...wordings.values()].some((one) => isFresh(one, now));
  }

  /** It is told now. */
  tell(event: NamespaceEvent, now: Date): Told {
    const topic = topicOf(event);
    const message = constantPart(event);
    const wordings = this.#topics.get(topic) ?? this.#newTopic(topic, now);
    const told = wordings.get(message);
    const next =
      told === undefined
        ? { name: this.#nameOf(event, now), firstAt: now, lastAt: now, count: 1 }
        : { ...told, lastAt: now, count: told.count + 1 };
    // The one that was told last stands last.
    wordings.delete(message);
    wordings.set(message, next);
    dropOld(wordings, now);
    return next;
  }

  #newTopic(topic: string, now: Date): Map<string, Told> {
    if (this.#topics.size >= MAX_TOPICS) this.#prune(now);
    const wordings = new Map<string, Told>();
    this.#topics.set(topic, wordings);
    return wordings;
  }

  /** Old ones first; where that is not enough, all: telling something twice is better than growing. */
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
    // No part of a name may end with a dot or a dash.
    return `${subject.slice(0, 200).replace(/[.-]+$/, '')}.${suffix}`;
  }
}

function topicOf({ namespace, about, reason }: NamespaceEvent): string {
  return JSON.stringify([namespace, about.kind, about.uid, reason]);
}

/** Messages are equal whatever request id they quote. */
function constantPart({ message }: NamespaceEvent): string {
  return message.replaceAll(REQUEST_ID, '*');
}

function isFresh({ lastAt }: Told, now: Date): boolean {
  return isRecent(lastAt.getTime(), now.getTime(), REPEAT_AFTER_MS);
}

function dropOld(wordings: Map<string, Told>, now: Date): void {
  for (const [message, { lastAt }] of wordings) {
    const isForgotten = now.getTime() - lastAt.getTime() >= FORGET_AFTER_MS;
    if (isForgotten || wordings.size > MAX_WORDINGS) wordings.delete(message);
  }
}
