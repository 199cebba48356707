/** Timers in a heap by due time: finding the next one takes constant time, however many there are. */

/** An owner whose timers can be stopped: for good by a crash, temporarily by a pause. */
export interface TimerOwner {
  readonly isDead: boolean;
  readonly isPaused: boolean;
  /** Called when a timer is due while the owner is paused; `release` sets it again, due immediately. */
  hold(release: () => void): void;
}

export interface Timer {
  atMs: number;
  /** Orders timers that are due at the same time; equal ties run in the order in which they were set. */
  tie: number;
  readonly order: number;
  readonly owner: TimerOwner | undefined;
  /** `undefined` once it has been cancelled or has run. */
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

  /** Removes the first timer. */
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
