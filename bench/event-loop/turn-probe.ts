/** Measures the turns of this process's event loop, with garbage collection and the machine's other work set apart. */
import { performance, PerformanceObserver } from 'node:perf_hooks';

export interface Turn {
  /** CPU of the main thread in this turn, without the share that garbage collection took. */
  readonly busyMs: number;
  /** From the start of the turn to its end. */
  readonly wallMs: number;
  readonly gcMs: number;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly cpuMs: number;
}

const EVERY_MS = 1;
/** Shorter turns are not kept. */
const KEPT_FROM_MS = 5;

/**
 * A timer that is due all the time: the time between two of its calls is that of all callbacks in between. Turns count by
 * CPU, because on a busy machine this thread waits for a core.
 */
export class TurnProbe {
  #gaps: Gap[] = [];
  #collections: { readonly from: number; readonly to: number }[] = [];
  #last = performance.now();
  #lastCpu = process.threadCpuUsage();
  readonly #observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      this.#collections.push({ from: startTime, to: startTime + duration });
    }
  });
  readonly #timer = setInterval(() => this.#tick(), EVERY_MS);

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** The turns since the last call, the longest first. */
  async take(): Promise<readonly Turn[]> {
    // What is known of garbage collections arrives in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const turns = this.#gaps.map((gap) => this.#turnOf(gap));
    this.#gaps = [];
    this.#collections = [];
    return turns.sort((a, b) => b.busyMs - a.busyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#observer.disconnect();
  }

  #tick(): void {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(this.#lastCpu);
    if (now - this.#last > KEPT_FROM_MS) {
      this.#gaps.push({ from: this.#last, to: now, cpuMs: (user + system) / 1000 });
    }
    this.#last = now;
    this.#lastCpu = process.threadCpuUsage();
  }

  #turnOf({ from, to, cpuMs }: Gap): Turn {
    const wallMs = to - from;
    const gcMs = this.#collections
      .map((gc) => Math.max(0, Math.min(gc.to, to) - Math.max(gc.from, from)))
      .reduce((sum, ms) => sum + ms, 0);
    const share = Math.max(0, wallMs - gcMs) / wallMs;
    return { busyMs: Math.min(cpuMs, wallMs) * share, wallMs, gcMs };
  }
}
