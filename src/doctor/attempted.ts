/** What came of asking: an answer, or why there is none. The doctor goes on either way. */

export type Attempted<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Never rejects. */
export async function attempt<T>(ask: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
