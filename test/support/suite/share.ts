/** The share of a long test to run: small in `npm test`, large in `npm run test:long`. */
import { it } from '@jest/globals';

const isLarge = (globalThis as { readonly SHARE?: string }).SHARE === 'large';

export function share<T>(small: T, large: T): T {
  return isLarge ? large : small;
}

/** A test that uses a share, in a suite whose other tests don't: `npm run test:long` does not repeat those. */
// oxlint-disable-next-line jest/no-focused-tests -- the others have run in `npm test`
export const itShares = isLarge ? it.only : it;
