/** How a pass over a namespace ended, and with it when the next one comes. The kinds are values of a metric label, too. */

export type Outcome =
  /** Nothing was to be done, and nothing is until something changes. */
  | { readonly kind: 'success' }
  | { readonly kind: 'requeue_after'; readonly at: Date }
  /** Something was changed: the next pass must find nothing to do. */
  | { readonly kind: 'requeue' }
  /** Something failed that may pass by itself: the next pass comes later each time. */
  | { readonly kind: 'error' };

export function requeueAfter(at: Date | undefined): Outcome {
  return at === undefined ? { kind: 'success' } : { kind: 'requeue_after', at };
}
