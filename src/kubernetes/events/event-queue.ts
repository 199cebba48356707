/**
 * The Events that wait to be sent. Each namespace has a line of its own, from which one Event is sent at a time; after a
 * failure the line waits, so that a namespace whose Events hang or are refused costs the others little.
 */
import { backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { NamespaceEvent } from '../../controller/ports/events.ts';
import type { ReportedEvent } from './reported-events.ts';

/** Each is small, and more would only repeat the same message. */
const MAX_QUEUED = 500;
/** For one namespace: a flood there must not crowd out the Events of other namespaces. */
const MAX_QUEUED_OF_ONE = 50;
/** Failures of more namespaces are not remembered. */
const MAX_FAILING = 1000;
const BACKOFF = { firstMs: 5_000, longestMs: 60_000 };

export interface Queued {
  readonly event: NamespaceEvent;
  readonly report: ReportedEvent;
}

interface Failing {
  readonly failures: number;
  readonly untilMs: number;
}

export class EventQueue {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** By namespace, in the order of their turns. */
  readonly #lines = new Map<string, Queued[]>();
  readonly #busy = new Set<string>();
  readonly #failing = new Map<string, Failing>();
  #size = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  hasRoomFor({ namespace }: NamespaceEvent): boolean {
    const ofOne = this.#lines.get(namespace)?.length ?? 0;
    return this.#size < MAX_QUEUED && ofOne < MAX_QUEUED_OF_ONE;
  }

  add(queued: Queued): void {
    const { namespace } = queued.event;
    const line = this.#lines.get(namespace) ?? [];
    line.push(queued);
    this.#lines.set(namespace, line);
    this.#size += 1;
  }

  /** The next Event that may be sent now. Call `done` for its namespace when that has ended. */
  take(): Queued | undefined {
    for (const [namespace, line] of this.#lines) {
      if (this.#busy.has(namespace) || this.#waitMs(namespace) > 0) continue;
      const next = line.shift();
      this.#lines.delete(namespace);
      if (line.length > 0) this.#lines.set(namespace, line);
      if (next === undefined) continue;
      this.#size -= 1;
      this.#busy.add(namespace);
      return next;
    }
    return undefined;
  }

  done(namespace: string, isFailure: boolean): void {
    this.#busy.delete(namespace);
    const failures = (this.#failing.get(namespace)?.failures ?? 0) + 1;
    this.#failing.delete(namespace);
    if (!isFailure) return;
    const untilMs = this.#clock.monotonicMs() + backoffMs(failures, BACKOFF);
    this.#failing.set(namespace, { failures, untilMs });
    const [oldest] = this.#failing.keys();
    if (oldest !== undefined && this.#failing.size > MAX_FAILING) this.#failing.delete(oldest);
  }

  /** How long until a line that waits after a failure may go on; `undefined` if none waits. */
  get nextInMs(): number | undefined {
    const waits = [...this.#lines.keys()].map((namespace) => this.#waitMs(namespace));
    const later = waits.filter((waitMs) => waitMs > 0);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Empties the queue. */
  clear(): readonly Queued[] {
    const rest = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#size = 0;
    return rest;
  }

  #waitMs(namespace: string): number {
    const untilMs = this.#failing.get(namespace)?.untilMs ?? 0;
    return Math.max(0, untilMs - this.#clock.monotonicMs());
  }
}
