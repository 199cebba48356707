/** Picks a few strings out of JSON of any size while its bytes pass by, and keeps nothing else of it. */

/** Nothing that we pick is longer: a name has at most 253 bytes. */
const MAX_PICKED_BYTES = 512;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * `found` has the strings by the paths that lead to them, such as `metadata.name`. What is no string, or longer than 512
 * bytes, is not found. Of several strings at one path the last one counts, as in `JSON.parse`. The bytes may be cut
 * anywhere. Nothing throws; of bytes that are not JSON, anything may be found.
 */
export class StringPicker {
  readonly found = new Map<string, string>();
  readonly #paths: ReadonlySet<string>;
  readonly #maxDepth: number;
  /** The current key at each depth; `undefined` in an array. */
  readonly #keys: (string | undefined)[] = [];
  #depth = 0;
  #isValue = false;
  #inString = false;
  #isEscaped = false;
  /** The string under way, if it may be a key or a value that matters. */
  #token: number[] | undefined;

  constructor(paths: readonly string[]) {
    this.#paths = new Set(paths);
    this.#maxDepth = Math.max(0, ...paths.map((path) => path.split('.').length));
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at = this.#inString ? this.#readString(bytes, at) : this.#readStructure(bytes, at);
    }
  }

  /** Returns the position after the string's end. */
  #readString(bytes: Uint8Array, from: number): number {
    let isEscaped = this.#isEscaped;
    let at = from;
    for (; at < bytes.length; at += 1) {
      if (isEscaped) isEscaped = false;
      else if (bytes[at] === BACKSLASH) isEscaped = true;
      else if (bytes[at] === QUOTE) break;
    }
    this.#isEscaped = isEscaped;
    if (this.#token !== undefined) {
      const room = MAX_PICKED_BYTES + 1 - this.#token.length;
      this.#token.push(...bytes.subarray(from, Math.min(at, from + room)));
    }
    if (at === bytes.length) return at;
    this.#inString = false;
    this.#endString();
    return at + 1;
  }

  /** Returns the position after the next quote. */
  #readStructure(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth += 1;
        this.#isValue = false;
        if (this.#depth <= this.#maxDepth) {
          this.#keys[this.#depth] = byte === OPEN_OBJECT ? '' : undefined;
        }
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#depth -= 1;
      } else if (byte === COLON) {
        this.#isValue = true;
      } else if (byte === COMMA) {
        this.#isValue = false;
      } else if (byte === QUOTE) {
        this.#inString = true;
        this.#token = this.#isInObject() ? [] : undefined;
        return at + 1;
      }
    }
    return bytes.length;
  }

  /** In an object, and not too deep to matter. */
  #isInObject(): boolean {
    return this.#depth <= this.#maxDepth && this.#keys[this.#depth] !== undefined;
  }

  #endString(): void {
    if (this.#token === undefined) return;
    const text = decode(this.#token);
    this.#token = undefined;
    if (!this.#isValue) {
      // A key that is too long is none of ours.
      this.#keys[this.#depth] = text ?? '';
      return;
    }
    const path = this.#keys.slice(1, this.#depth + 1).join('.');
    if (text === undefined) this.found.delete(path);
    else if (this.#paths.has(path)) this.found.set(path, text);
  }
}

/** `undefined` if it is too long, or has an escape that JSON does not know. */
function decode(bytes: readonly number[]): string | undefined {
  if (bytes.length > MAX_PICKED_BYTES) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
