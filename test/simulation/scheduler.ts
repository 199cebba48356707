/**
 * One virtual time and one order of events for a whole simulated world. Whatever leaves a process (a request, an answer,
 * a watch frame, a call to ECR, a timer) is an event here, so between two events no process gets to know anything new:
 * one event and all that follows from it without leaving its process is one step.
 */
import type { RandomStream } from './random-stream.ts';

/** Whose events can be stopped: by a crash for ever, by a pause until it ends. */
export interface EventOwner {
  readonly isDead: boolean;
  readonly isPaused: boolean;
  /** Called in the place of an event that comes while the owner is paused. */
  hold(run: () => void): void;
}

interface ScheduledEvent {
  readonly atMs: number;
  /** Decides between events of the same moment. */
  readonly tie: number;
  readonly order: number;
  readonly owner: EventOwner | undefined;
  /** `undefined` once it is cancelled. */
  run: (() => void) | undefined;
}

export class Scheduler {
  readonly #random: RandomStream;
  readonly #heap: ScheduledEvent[] = [];
  #nowMs = 0;
  #scheduled = 0;
  #steps = 0;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** Since the start of the run. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs after `delayMs`, never within the present step. The answer cancels it. */
  after(delayMs: number, run: () => void, owner?: EventOwner): () => void {
    const event: ScheduledEvent = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      tie: this.#random.next(),
      order: (this.#scheduled += 1),
      owner,
      run,
    };
    push(this.#heap, event);
    return () => {
      event.run = undefined;
    };
  }

  /** Takes the next event that is due by `untilMs` and runs it with all that follows at once; false where there is none. */
  async step(untilMs: number): Promise<boolean> {
    for (;;) {
      const event = this.#heap[0];
      if (event === undefined || event.atMs > untilMs) {
        this.#nowMs = untilMs;
        return false;
      }
      pop(this.#heap);
      const { run, owner } = event;
      if (run === undefined || owner?.isDead === true) continue;
      this.#nowMs = event.atMs;
      if (owner?.isPaused === true) {
        owner.hold(run);
        continue;
      }
      this.#steps += 1;
      run();
      await settle();
      return true;
    }
  }
}

/** Promises follow each other without leaving the microtask queue, which is empty before the next turn of the loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.tie === b.tie ? a.order < b.order : a.tie < b.tie;
}

function push(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: ScheduledEvent[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    const child = b !== undefined && a !== undefined && isBefore(b, a) ? left + 1 : left;
    const smaller = heap[child];
    if (smaller === undefined || !isBefore(smaller, last)) break;
    heap[index] = smaller;
    index = child;
  }
  heap[index] = last;
}
