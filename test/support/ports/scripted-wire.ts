/** A wire whose answers come from the test: queued, by a rule, or as streams that the test feeds while they are read. */
import type { Wire, WireRequest, WireResponse } from '../../../src/kubernetes/wire/wire.ts';

export type ScriptedAnswer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Text unchanged; a `Feed` as a stream; anything else as JSON. */
      readonly body?: unknown;
    }
  /** No answer until the request is aborted. */
  | 'hang'
  /** The connection fails. */
  | Error;

type Rule = (request: WireRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

export class ScriptedWire implements Wire {
  /** Every request so far. */
  readonly requests: WireRequest[] = [];
  /** Answers requests when the queue is empty. */
  rule: Rule;
  readonly #queue: ScriptedAnswer[] = [];
  /** Answers whose body is neither read to its end nor abandoned. */
  #open = 0;

  constructor(rule: Rule = () => new Error('no answer was scripted')) {
    this.rule = rule;
  }

  /** Queues answers for the next requests. */
  queue(...answers: readonly ScriptedAnswer[]): this {
    this.#queue.push(...answers);
    return this;
  }

  get openBodies(): number {
    return this.#open;
  }

  /** The parsed queries of all requests, newest last. */
  get queries(): readonly Readonly<Record<string, string>>[] {
    return this.requests.map(({ path }) =>
      Object.fromEntries(new URL(path, 'http://server').searchParams),
    );
  }

  async send(request: WireRequest): Promise<WireResponse> {
    request.signal.throwIfAborted();
    request.onStart?.();
    this.requests.push(request);
    const answer = this.#queue.shift() ?? (await this.rule(request));
    if (answer instanceof Error) throw answer;
    if (answer === 'hang') return orAborted(new Promise<never>(() => undefined), request.signal);
    const { status = 200, headers = {}, body = {} } = answer;
    return { status, headers, body: this.#track(chunksOf(body), request.signal) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#track(
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    this.#open += 1;
    const iterator = chunks[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await orAborted(iterator.next(), signal);
        if (done === true) return;
        yield value;
      }
    } finally {
      this.#open -= 1;
    }
  }
}

/** A body that the test writes while it is read. */
export class Feed implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #end: 'open' | 'ended' | Error = 'open';
  #wake: () => void = () => undefined;

  push(...chunks: readonly (string | Uint8Array)[]): void {
    this.#chunks.push(...chunks.map((chunk) => Buffer.from(chunk as string)));
    this.#wake();
  }

  end(): void {
    this.#end = 'ended';
    this.#wake();
  }

  fail(error: Error): void {
    this.#end = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (this.#end === 'ended') {
        return;
      } else if (this.#end instanceof Error) {
        throw this.#end;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** A refusal in the form of an API server's. */
export function refusal(
  code: number,
  reason: string,
  more: {
    readonly message?: string;
    readonly causes?: readonly object[];
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Exclude<ScriptedAnswer, string | Error> {
  const { message = `refused with ${reason}`, causes, headers = {} } = more;
  return { status: code, headers, body: statusOf(code, reason, { message, causes }) };
}

export function statusOf(
  code: number,
  reason: string,
  more: { readonly message?: string; readonly causes?: readonly object[] | undefined } = {},
): object {
  const { message = `refused with ${reason}`, causes } = more;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message,
    ...(causes === undefined ? {} : { details: { causes } }),
  };
}

/** One line of a watch. */
export function frame(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

async function* chunksOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (body instanceof Feed) yield* body;
  else yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
