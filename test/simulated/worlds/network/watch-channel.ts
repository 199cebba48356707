/** The way back of one open watch: frames arrive in order, each at its own time, or not at all. */
import { ByteStream } from '../../../../simulator/ground/byte-stream.ts';
import { ConnectionCut } from '../../../../simulator/ground/connection-cut.ts';
import type { Followed } from './hop-request.ts';
import type { HopProcess, NetworkParts } from './hop-network.ts';

interface ChannelParts {
  readonly network: NetworkParts;
  readonly process: HopProcess;
  readonly followed: Followed | undefined;
  /** False if the reader re-reads the object that it follows before it handles the first frame. */
  readonly isRead: boolean;
  /** The process has the head of the answer; its body follows. */
  readonly onHead: (body: ByteStream) => void;
  readonly onClose: () => void;
}

type Item =
  | { readonly kind: 'head' }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly kind: 'end'; readonly error?: ConnectionCut };

const BOOKMARK = Buffer.from('{"type":"BOOKMARK"');

export class WatchChannel {
  readonly #parts: ChannelParts;
  readonly #body: ByteStream;
  #queue: Item[] = [{ kind: 'head' }];
  #lastDueMs = 0;
  /** A connection that has lost something delivers nothing more: its bytes arrive in order or not at all. */
  #isMute = false;
  #isClosed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#body = new ByteStream({ chunkBytes: 65_536 }, () => this.#close());
    // The head counts as a frame: only once it has arrived is it known what happened since the list, and what follows.
    this.#view?.sent();
    this.#view?.connected(parts);
    this.#schedule();
  }

  /** Forwards what the server sends until it ends. */
  async pump(frames: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of frames) this.#take(bytes);
      if (!this.#isMute) this.#push({ kind: 'end' });
    } catch {
      this.#push({ kind: 'end', error: new ConnectionCut('the connection was reset') });
    }
  }

  /** What is in flight is lost; the reader learns of it at once. */
  cut({ midLine = false, junk = false } = {}): void {
    const { network, process } = this.#parts;
    // Where packets vanish, nobody learns of the end either.
    if (this.#isClosed || network.weather.has('blackhole', process.name)) return;
    const [first] = this.#queue;
    this.#queue = first?.kind === 'head' ? [first] : [];
    const before = midLine ? '{"type":"MODI' : 'junk\n';
    if (midLine || junk) {
      this.#enqueue({ kind: 'frame', bytes: Buffer.from(before), isLast: false });
    }
    this.#enqueue({ kind: 'end', error: new ConnectionCut('the connection was reset') });
    this.#view?.disconnected();
  }

  /** The reader has given up. */
  abort(reason: unknown): void {
    this.#body.abort(reason);
    this.#close();
  }

  /** Nobody reads any more. */
  abandon(): void {
    this.#close();
  }

  get #view() {
    const { process, followed } = this.#parts;
    return followed === undefined ? undefined : process.viewOf(followed);
  }

  #take(bytes: Uint8Array): void {
    const { network, process, followed } = this.#parts;
    const resource = followed?.resource;
    const { weather, random } = network;
    const isBookmark = BOOKMARK.equals(bytes.subarray(0, BOOKMARK.length));
    if (weather.has('silent', process.name, resource) || weather.has('blackhole', process.name)) {
      this.#isMute = true;
    }
    if (this.#isMute) return this.#view?.sent();
    if (weather.has('withhold', process.name, resource) && !isBookmark) return this.#view?.lost();
    if (!random.chance(0.03)) return this.#push({ kind: 'frame', bytes, isLast: true });
    const at = random.below(bytes.length);
    this.#push({ kind: 'frame', bytes: bytes.subarray(0, at), isLast: false });
    this.#push({ kind: 'frame', bytes: bytes.subarray(at), isLast: true });
  }

  #push(item: Item): void {
    if (this.#isClosed) return;
    // Once the server has ended it, only the next watch reports what happens.
    if (item.kind === 'end' || (item.kind === 'frame' && item.isLast)) this.#view?.sent();
    this.#enqueue(item);
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    this.#schedule();
  }

  /** One event per item, never earlier than the one before it. */
  #schedule(): void {
    const { network, process, followed } = this.#parts;
    const { time, random, weather } = network;
    const isLagging = weather.has('lag', process.name, followed?.resource);
    const latencyMs = isLagging ? random.between(5_000, 60_000) : random.between(0.2, 3);
    this.#lastDueMs = Math.max(this.#lastDueMs, time.monotonicMs() + latencyMs);
    const delayMs = this.#lastDueMs - time.monotonicMs();
    process.clock.after(delayMs, () => this.#deliver());
  }

  #deliver(): void {
    const item = this.#queue.shift();
    if (item === undefined || this.#isClosed) return;
    if (item.kind !== 'end') this.#parts.process.received();
    if (item.kind === 'head') this.#parts.onHead(this.#body);
    else if (item.kind === 'frame') this.#body.write(item.bytes);
    else if (item.error === undefined) this.#body.end();
    else this.#body.fail(item.error);
    if (item.kind === 'head' || (item.kind === 'frame' && item.isLast)) this.#view?.delivered();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.#view?.disconnected();
    this.#parts.onClose();
  }
}
