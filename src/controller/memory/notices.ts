/** Tells the users of a namespace once what they should know although nothing there needs to be done about it. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { EventSink } from '../ports/events.ts';
import type { Trouble } from './namespace-troubles.ts';

export class Notices {
  readonly #events: EventSink;
  /** The reasons that were told, by namespace. */
  readonly #told = new Map<string, ReadonlySet<string>>();

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** `notices`: all that are true now. One that was true before is not told again. */
  tell({ name: namespace }: ObservedNamespace, notices: readonly Trouble[]): void {
    const told = this.#told.get(namespace);
    for (const { reason, message, about } of notices) {
      if (told?.has(reason) === true) continue;
      this.#events.emit({ type: 'Warning', reason, message, namespace, about });
    }
    if (notices.length === 0) this.#told.delete(namespace);
    else this.#told.set(namespace, new Set(notices.map(({ reason }) => reason)));
  }

  forget(namespace: string): void {
    this.#told.delete(namespace);
  }
}
