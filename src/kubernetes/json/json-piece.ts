/** Collects the bytes of one JSON value up to a limit; of a larger one it keeps only a few strings. */
import { StringPicker } from './string-picker.ts';

export type JsonPiece =
  | { readonly kind: 'whole'; readonly text: string }
  /** `strings`: what was found at the paths that were asked for. */
  | { readonly kind: 'tooLarge'; readonly strings: ReadonlyMap<string, string> };

export interface PieceLimits {
  readonly maxBytes: number;
  /** What to find in a value that is too large, such as `metadata.name`. */
  readonly paths: readonly string[];
}

/** Most values are smaller: after the next small one, the memory for a large one is given back. */
const KEPT_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Holds at most `maxBytes`, however large the value is and however its bytes are cut. */
export class PieceCollector {
  readonly #limits: PieceLimits;
  #buffer = NOTHING;
  #bytes = 0;
  #picker: StringPicker | undefined;

  constructor(limits: PieceLimits) {
    this.#limits = limits;
  }

  /** How many bytes the value has so far. */
  get bytes(): number {
    return this.#bytes;
  }

  push(part: Uint8Array): void {
    const start = this.#bytes;
    this.#bytes += part.length;
    if (this.#picker === undefined && this.#bytes > this.#limits.maxBytes) {
      this.#picker = new StringPicker(this.#limits.paths);
      this.#picker.push(this.#buffer.subarray(0, start));
    }
    if (this.#picker === undefined) this.#append(part, start);
    else this.#picker.push(part);
  }

  /** The value; the next byte starts another one. */
  take(): JsonPiece {
    const piece = this.#piece();
    if (this.#bytes <= KEPT_BYTES && this.#buffer.length > KEPT_BYTES) this.#buffer = NOTHING;
    this.#bytes = 0;
    this.#picker = undefined;
    return piece;
  }

  #piece(): JsonPiece {
    if (this.#picker !== undefined) return { kind: 'tooLarge', strings: this.#picker.found };
    return { kind: 'whole', text: this.#buffer.toString('utf8', 0, this.#bytes) };
  }

  #append(part: Uint8Array, start: number): void {
    if (this.#buffer.length < this.#bytes) {
      const size = Math.min(this.#limits.maxBytes, Math.max(1024, 2 * this.#bytes));
      const larger = Buffer.allocUnsafeSlow(size);
      larger.set(this.#buffer.subarray(0, start));
      this.#buffer = larger;
    }
    this.#buffer.set(part, start);
  }
}
