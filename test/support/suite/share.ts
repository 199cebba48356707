/** How much of a run that takes long: `npm test` has a small share of it, and `npm run test:long` a large one. */
import { it } from '@jest/globals';

const isLarge = (globalThis as { readonly SHARE?: string }).SHARE === 'large';

export function share<T>(small: T, large: T): T {
  return isLarge ? large : small;
}

/** A test that takes a share, in a suite of others that don't: `npm run test:long` runs no test a second time. */
// oxlint-disable-next-line jest/no-focused-tests -- the others have run in `npm test`
export const itShares = isLarge ? it.only : it;
