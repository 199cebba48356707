/** How much of a run that takes long: `npm test` has a small share of it, and `npm run test:long` a large one. */
export function share<T>(small: T, large: T): T {
  return (globalThis as { readonly SHARE?: string }).SHARE === 'large' ? large : small;
}
