/** How a pass ended, and so when the next one comes. The kinds are also values of a metric label. */

export type Outcome =
  /** There was nothing to do, and there is nothing until something changes. */
  | { readonly kind: 'success' }
  | { readonly kind: 'requeue_after'; readonly at: Date }
  /** Something was changed: the next pass must find nothing to do, or goes on if this one was too long. */
  | { readonly kind: 'requeue'; readonly isUnfinished: boolean }
  /** Something failed that may pass by itself: the next pass comes with growing delay. `cause`: what others may share. */
  | { readonly kind: 'error'; readonly cause: string };

export function requeueAfter(at: Date | undefined): Outcome {
  return at === undefined ? { kind: 'success' } : { kind: 'requeue_after', at };
}
