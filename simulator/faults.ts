/** What a test can make go wrong with the next requests. */

/** What faults and logs see of a request. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly user: string;
}

export type FaultEffect =
  /** Answers in the server's place; `body` is JSON, or text that is sent as it is. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly retryAfterSeconds?: number;
    }
  /** The server acts after this time. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection breaks before the server sees the request. */
  | { readonly kind: 'refuse' }
  /** The server acts, and the connection breaks before the head of its answer. */
  | { readonly kind: 'lose-answer' }
  /** The server acts at once, and its answer comes after this time. */
  | { readonly kind: 'late-answer'; readonly delayMs: number }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'cut-body'; readonly afterBytes: number }
  /** Nothing ever comes, not even the head. */
  | { readonly kind: 'hang' }
  /** A watch is accepted and nothing is ever sent on it. */
  | { readonly kind: 'silent-watch' }
  /** A watch gets bookmarks and no events. */
  | { readonly kind: 'withhold-events' }
  /** A watch gets everything so much later, in order. */
  | { readonly kind: 'delay-events'; readonly delayMs: number }
  /** A GET or LIST is answered as if this version were the newest; a watch from now starts there and catches up. */
  | { readonly kind: 'stale'; readonly revision: number }
  /** Somebody else writes the object just before the server acts: it gets an annotation and a new version. */
  | { readonly kind: 'conflict' };

/** They go together with another effect. */
const LATENCIES: readonly FaultEffect['kind'][] = ['delay', 'delay-events'];

export interface Fault {
  readonly effect: FaultEffect;
  /** All requests, unless told. */
  readonly match?: (request: SeenRequest) => boolean;
  /** How many requests it hits: 1 unless told; `Infinity` until it is lifted. */
  readonly times?: number;
}

/** What the faults that match a request come to. */
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

  /** The answer lifts it. Of several that match, the oldest hits first; a delay goes together with the next. */
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

  /** What happens to this request; uses it up. */
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
