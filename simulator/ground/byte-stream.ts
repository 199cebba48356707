/** The body of an answer: bytes in chunks of a chosen size, so that lines and even characters are split. */
import { ConnectionCut } from './connection-cut.ts';

type Turn = IteratorResult<Uint8Array, undefined>;

interface Waiting {
  readonly resolve: (turn: Turn) => void;
  readonly reject: (error: unknown) => void;
}

export interface StreamShape {
  readonly chunkBytes: number;
  /** Breaks the connection after so many bytes. */
  readonly cutAfterBytes?: number | undefined;
}

/** Read once. What was written before the end is still read; an abort loses it, as a closed socket does. */
export class ByteStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #chunkBytes: number;
  #bytesLeft: number;
  readonly #onClose: () => void;
  #chunks: Uint8Array[] = [];
  #ending: { readonly error?: unknown } | undefined;
  #waiting: Waiting | undefined;

  /** `onClose` runs once: at the end, or when the reader leaves. */
  constructor(
    { chunkBytes, cutAfterBytes = Infinity }: StreamShape,
    onClose: () => void = () => undefined,
  ) {
    this.#chunkBytes = chunkBytes;
    this.#bytesLeft = cutAfterBytes;
    this.#onClose = onClose;
  }

  get isEnded(): boolean {
    return this.#ending !== undefined;
  }

  write(content: string | Uint8Array): void {
    if (this.#ending !== undefined) return;
    const whole = typeof content === 'string' ? Buffer.from(content) : content;
    const bytes = whole.subarray(0, Math.min(whole.length, this.#bytesLeft));
    this.#bytesLeft -= bytes.length;
    for (let start = 0; start < bytes.length; start += this.#chunkBytes) {
      this.#chunks.push(bytes.subarray(start, start + this.#chunkBytes));
    }
    if (bytes.length < whole.length) {
      this.fail(new ConnectionCut('the connection was reset within the body'));
    } else this.#serve();
  }

  end(): void {
    this.#finish({});
  }

  /** The reader gets what was written before, then the error. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** The reader gets the error at once. */
  abort(error: unknown): void {
    if (this.#ending === undefined || this.#chunks.length > 0) {
      this.#chunks = [];
      const wasOpen = this.#ending === undefined;
      this.#ending = { error };
      if (wasOpen) this.#onClose();
    }
    this.#serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Turn> {
    const turn = new Promise<Turn>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#serve();
    return turn;
  }

  async return(): Promise<Turn> {
    this.#chunks = [];
    this.#finish({});
    return { done: true, value: undefined };
  }

  #finish(ending: { readonly error?: unknown }): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#onClose();
    this.#serve();
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#ending === undefined) return;
    this.#waiting = undefined;
    if (chunk !== undefined) waiting.resolve({ done: false, value: chunk });
    else if (this.#ending !== undefined && 'error' in this.#ending) {
      waiting.reject(this.#takeError());
    } else waiting.resolve({ done: true, value: undefined });
  }

  /** An error is told once; after it the stream is at its end. */
  #takeError(): unknown {
    const error = this.#ending?.error;
    this.#ending = {};
    return error;
  }
}
