/** Jest runs tests in a separate realm, where Node's own errors are not instances of `Error`, and the SDK then wraps them. */
import { types } from 'node:util';

/** Makes `instanceof Error` work in this test file as it does outside Jest. */
export function acceptNodeErrors(): void {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: unknown, value: unknown): boolean {
      return (this === Error && types.isNativeError(value)) || ordinary.call(this, value);
    },
  });
}
