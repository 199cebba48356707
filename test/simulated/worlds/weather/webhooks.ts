/** Admission webhooks and quotas that hang, refuse or throttle the writes to some namespaces. */
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import type { HopRequest } from '../network/hop-request.ts';
import type { RandomStream } from '../random-stream.ts';
import type { Fate } from './fate.ts';

export const MISBEHAVIOURS = [
  'hangs',
  'hangs long',
  'swallows',
  'denies',
  'throttles',
  'has no quota',
  'fails',
  'alternates',
] as const;
type Misbehaviour = (typeof MISBEHAVIOURS)[number];

export interface Webhook {
  readonly does: Misbehaviour;
  /** Which writes it sees. */
  readonly sees: 'secrets' | 'serviceaccounts' | 'both';
  /** Events are swallowed, too. */
  readonly isMute: boolean;
}

/** A write that takes longer than this is a slow one; a pass counts as slow after a second. */
const SLOW_MS = 1_500;
const IN_NAMESPACE = /^\/api\/v1\/namespaces\/([^/]+)\/(secrets|serviceaccounts|events)/;

export class Webhooks {
  readonly #time: VirtualClock;
  readonly #random: RandomStream;
  readonly #byNamespace = new Map<string, Webhook>();
  /** By process: since when each write is held up. */
  readonly #held = new Map<string, Set<number>>();

  constructor(time: VirtualClock, random: RandomStream) {
    this.#time = time;
    this.#random = random;
  }

  set(namespace: string, webhook: Webhook): void {
    this.#byNamespace.set(namespace, webhook);
  }

  of(namespace: string): Webhook | undefined {
    return this.#byNamespace.get(namespace);
  }

  /** All is well from now on. */
  clear(): void {
    this.#byNamespace.clear();
  }

  /** How many slow writes of the process are held up. */
  slowWritesOf(process: string): number {
    const nowMs = this.#time.monotonicMs();
    return [...(this.#held.get(process) ?? [])].filter((sinceMs) => nowMs - sinceMs > SLOW_MS)
      .length;
  }

  /** `undefined`: no webhook minds. `signal` ends when the caller does not wait any more. */
  fateOf({ method, path, process }: HopRequest, signal: AbortSignal): Fate | undefined {
    const [, namespace = '', resource] = IN_NAMESPACE.exec(path) ?? [];
    const webhook = this.#byNamespace.get(namespace);
    if (webhook === undefined || method === 'GET') return undefined;
    if (resource === 'events') return webhook.isMute ? this.#swallow() : undefined;
    if (webhook.sees !== 'both' && webhook.sees !== resource) return undefined;
    const fate = this.#happening(webhook.does);
    this.#hold(process, fate.kind === 'lost' ? Infinity : fate.delayMs, signal);
    return fate;
  }

  #happening(does: Misbehaviour): Fate {
    switch (does) {
      case 'hangs':
        return failure(
          10_000,
          500,
          'failed calling webhook "slow.example": context deadline exceeded',
        );
      case 'hangs long':
        return failure(
          29_000,
          500,
          'failed calling webhook "slow.example": context deadline exceeded',
        );
      case 'swallows':
        return this.#swallow();
      case 'denies':
        return failure(20, 403, 'admission webhook "rules.example" denied the request: not here');
      case 'throttles':
        return failure(20, 429, 'admission webhook "rules.example" denied the request: later', 30);
      case 'has no quota':
        return failure(5, 403, 'secrets "ecr-pull-secret" is forbidden: exceeded quota: compute');
      case 'fails':
        return failure(5, 500, 'failed calling webhook "kms.example": connection refused');
      case 'alternates':
        return this.#happening(
          this.#random.pick(['hangs', 'denies', 'throttles', 'has no quota', 'fails'] as const),
        );
    }
  }

  #swallow(): Fate {
    return { kind: 'lost', delayMs: 1, backMs: 1 };
  }

  #hold(process: string, forMs: number, signal: AbortSignal): void {
    const held = this.#held.get(process) ?? new Set();
    // Unique, because the clock has fractions of milliseconds.
    const sinceMs = this.#time.monotonicMs() + this.#random.next() / 1_000;
    this.#held.set(process, held.add(sinceMs));
    const release = (): void => void held.delete(sinceMs);
    signal.addEventListener('abort', release, { once: true });
    if (forMs < Infinity) this.#time.after(forMs, release);
  }
}

function failure(delayMs: number, status: number, message: string, retryAfterS?: number): Fate {
  const details = retryAfterS === undefined ? {} : { details: { retryAfterSeconds: retryAfterS } };
  return {
    kind: 'answer',
    delayMs,
    backMs: 1,
    status,
    headers: {
      'content-type': 'application/json',
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
    },
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: status,
      message,
      ...details,
    },
  };
}
