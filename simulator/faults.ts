/** Faults that a test can inject into the next requests. */

/** The parts of a request that faults match on and logs record. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly user: string;
}

export type FaultEffect =
  /** Answers instead of the server; `body` is JSON, or text that is sent unchanged. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly retryAfterSeconds?: number;
    }
  /** The server handles the request after this delay. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection breaks before the server sees the request. */
  | { readonly kind: 'refuse' }
  /** The server handles the request, but the connection breaks before the head of its answer. */
  | { readonly kind: 'lose-answer' }
  /** The server handles the request at once; its answer arrives after this delay. */
  | { readonly kind: 'late-answer'; readonly delayMs: number }
  /** The connection breaks after this many bytes of the body. */
  | { readonly kind: 'cut-body'; readonly afterBytes: number }
  /** The client never receives anything, not even the head. */
  | { readonly kind: 'hang' }
  /** A watch is accepted, but nothing is ever sent on it. */
  | { readonly kind: 'silent-watch' }
  /** A watch gets bookmarks and no events. */
  | { readonly kind: 'withhold-events' }
  /** A watch gets every frame this much later, in order. */
  | { readonly kind: 'delay-events'; readonly delayMs: number }
  /** A GET or LIST is answered as if this version were the newest; a watch from "now" starts there and catches up. */
  | { readonly kind: 'stale'; readonly revision: number }
  /** Another writer changes the object just before the server handles the request: it gets an annotation and a new version. */
  | { readonly kind: 'conflict' };

/** Effects that can be combined with another effect. */
const LATENCIES: readonly FaultEffect['kind'][] = ['delay', 'delay-events'];

export interface Fault {
  readonly effect: FaultEffect;
  /** Default: all requests. */
  readonly match?: (request: SeenRequest) => boolean;
  /** How many requests it affects: 1 by default; `Infinity` until it is removed. */
  readonly times?: number;
}

/** The combined effect of all faults that match a request. */
export interface TakenFaults {
  readonly delayMs: number;
  readonly frameDelayMs: number;
  readonly effect: FaultEffect | undefined;
}

interface Armed extends Fault {
  left: number;
}

export class Faults {
  #armed: Armed[] = [];

  /** Returns a function that removes the fault. The oldest match applies first; a delay also applies the next match. */
  add(fault: Fault): () => void {
    const armed = { ...fault, left: fault.times ?? 1 };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  clear(): void {
    this.#armed = [];
  }

  /** The faults for this request; counts each of them as used once. */
  take(request: SeenRequest): TakenFaults {
    const effects: FaultEffect[] = [];
    for (const armed of this.#armed) {
      if (armed.left <= 0 || !(armed.match?.(request) ?? true)) continue;
      armed.left -= 1;
      effects.push(armed.effect);
      if (!LATENCIES.includes(armed.effect.kind)) break;
    }
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return {
      delayMs: sumOf(effects, 'delay'),
      frameDelayMs: sumOf(effects, 'delay-events'),
      effect: effects.find(({ kind }) => !LATENCIES.includes(kind)),
    };
  }
}

function sumOf(effects: readonly FaultEffect[], latency: 'delay' | 'delay-events'): number {
  return effects.reduce((sum, effect) => sum + (effect.kind === latency ? effect.delayMs : 0), 0);
}
