/** Cuts the items out of a list while its bytes arrive, so that neither the list nor a large item is ever held whole. */
import { type JsonPiece, PieceCollector, type PieceLimits } from './json-piece.ts';

/** The list without its items: its kind, and metadata with a `continue` token. */
const MAX_HEAD_BYTES = 64 * 1024;

const [QUOTE, COMMA, OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY] = [0x22, 0x2c, 0x5b, 0x5c, 0x5d];
/** How much deeper each byte leads. */
const STEPS = Int8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return '{['.includes(character) ? 1 : '}]'.includes(character) ? -1 : 0;
});

/** Preceded by a brace, a comma or a space, a quote can't be an escaped one inside a string. */
const ITEMS_KEY = /[{,\s]"items"\s*:\s*\[$/;
const TAIL_BYTES = 64;

/**
 * `push` returns the items that have become complete, in their order; `takeHead` the list with an empty array of items.
 * The bytes may be cut anywhere. It only cuts: whether the pieces are JSON shows when they are parsed. Bytes that are no
 * list have no items, and all of them are the head.
 */
export class ListCutter {
  readonly #item: PieceCollector;
  readonly #head = new PieceCollector({ maxBytes: MAX_HEAD_BYTES, paths: [] });
  /** The end of the head so far, to recognize the key of the items. */
  #tail = '';
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #isInItems = false;
  #hasItems = false;

  constructor(limits: PieceLimits) {
    this.#item = new PieceCollector(limits);
  }

  push(chunk: Uint8Array): readonly JsonPiece[] {
    const items: JsonPiece[] = [];
    let start = 0;
    for (let cut = this.#findCut(chunk, 0); cut !== -1; cut = this.#findCut(chunk, cut + 1)) {
      if (!this.#isInItems) {
        this.#toHead(chunk.subarray(start, cut + 1));
        start = cut + 1;
        this.#isInItems = ITEMS_KEY.test(this.#tail);
        continue;
      }
      this.#item.push(chunk.subarray(start, cut));
      const isEnd = chunk[cut] === CLOSE_ARRAY;
      start = isEnd ? cut : cut + 1;
      this.#isInItems = !isEnd;
      const item = this.#item.take();
      if (isEnd && !this.#hasItems && isBlank(item)) continue;
      this.#hasItems = true;
      items.push(item);
    }
    const rest = chunk.subarray(start);
    if (this.#isInItems) this.#item.push(rest);
    else this.#toHead(rest);
    return items;
  }

  takeHead(): JsonPiece {
    return this.#head.take();
  }

  #toHead(bytes: Uint8Array): void {
    this.#head.push(bytes);
    const end = Buffer.from(bytes.subarray(-TAIL_BYTES)).toString('latin1');
    this.#tail = (this.#tail + end).slice(-TAIL_BYTES);
  }

  /** The next byte that begins the items, or ends one of them or all; -1 if there is none. */
  #findCut(chunk: Uint8Array, from: number): number {
    let depth = this.#depth;
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#inString) at = this.#skipString(chunk, at);
      const byte = chunk[at] ?? 0;
      if (byte === QUOTE) this.#inString = true;
      depth += STEPS[byte] ?? 0;
      if (depth > 2 || !this.#isCut(byte, depth)) continue;
      this.#depth = depth;
      return at;
    }
    this.#depth = depth;
    return -1;
  }

  #isCut(byte: number, depth: number): boolean {
    if (!this.#isInItems) return byte === OPEN_ARRAY && depth === 2;
    return depth === 1 || (byte === COMMA && depth === 2);
  }

  /** Returns the position after the string's end. */
  #skipString(chunk: Uint8Array, from: number): number {
    let isEscaped = this.#isEscaped;
    let at = from;
    for (; at < chunk.length; at += 1) {
      if (isEscaped) isEscaped = false;
      else if (chunk[at] === BACKSLASH) isEscaped = true;
      else if (chunk[at] === QUOTE) break;
    }
    this.#isEscaped = isEscaped;
    this.#inString = at === chunk.length;
    return at + 1;
  }
}

function isBlank(piece: JsonPiece): boolean {
  return piece.kind === 'whole' && piece.text.trim() === '';
}
