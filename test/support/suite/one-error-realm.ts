/** Jest runs tests in a realm of their own, where Node's own errors are no instances of `Error`; the SDK then wraps them. */
import { types } from 'node:util';

/** Makes `instanceof Error` tell the truth in this test file, as it does outside of Jest. */
export function acceptNodeErrors(): void {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: unknown, value: unknown): boolean {
      return (this === Error && types.isNativeError(value)) || ordinary.call(this, value);
    },
  });
}
