/** Timers by the time at which they are due: the next one is found at once, however many there are. */

/** Whose timers can be stopped: by a crash for ever, by a pause until it ends. */
export interface TimerOwner {
  readonly isDead: boolean;
  readonly isPaused: boolean;
  /** Called when a timer comes while the owner is paused; `release` sets it again, for that moment. */
  hold(release: () => void): void;
}

export interface Timer {
  atMs: number;
  /** Decides between timers of the same moment, and after it the order in which they were set. */
  tie: number;
  readonly order: number;
  readonly owner: TimerOwner | undefined;
  /** `undefined` once it is cancelled, or has run. */
  run: (() => void) | undefined;
}

export class TimerHeap {
  readonly #heap: Timer[] = [];

  get first(): Timer | undefined {
    return this.#heap[0];
  }

  push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = timer;
  }

  /** Takes the first one out. */
  pop(): void {
    const heap = this.#heap;
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
}

function isBefore(a: Timer, b: Timer): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.tie === b.tie ? a.order < b.order : a.tie < b.tie;
}
