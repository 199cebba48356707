/** The body of an answer: bytes in chunks of a chosen size, so that chunks can split lines and even characters. */
import { ConnectionCut } from './connection-cut.ts';

type ReadResult = IteratorResult<Uint8Array, undefined>;

interface Waiting {
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface StreamShape {
  readonly chunkBytes: number;
  /** Breaks the connection after this many bytes. */
  readonly cutAfterBytes?: number | undefined;
}

/** Can be read once. Bytes written before the end can still be read; an abort drops them, as a closed socket does. */
export class ByteStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #chunkBytes: number;
  #bytesLeft: number;
  readonly #onClose: () => void;
  #chunks: Uint8Array[] = [];
  #ending: { readonly error?: unknown } | undefined;
  #waiting: Waiting | undefined;

  /** `onClose` runs once: at the end, or when the reader stops reading. */
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

  /** The reader gets the bytes written so far, then the error. */
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

  next(): Promise<ReadResult> {
    const result = new Promise<ReadResult>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#serve();
    return result;
  }

  async return(): Promise<ReadResult> {
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

  /** The error is thrown once; after that the stream has ended. */
  #takeError(): unknown {
    const error = this.#ending?.error;
    this.#ending = {};
    return error;
  }
}
