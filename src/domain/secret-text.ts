/** Text that must never be printed: every way in which Node renders a value gives `[redacted]`. */
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * Holds a token or something made from one. Only `reveal()` returns the value; call it at the edge, where the request that
 * carries it is built.
 */
export class SecretText {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
