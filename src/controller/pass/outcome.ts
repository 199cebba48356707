/** What a look at a namespace ends with: when to look again. */

export type Outcome =
  | { readonly kind: 'idle' }
  | { readonly kind: 'recheckAt'; readonly at: Date }
  /** Something was changed: the next look must find nothing to do. */
  | { readonly kind: 'recheckSoon' }
  /** Something failed that may pass: later each time. */
  | { readonly kind: 'retry' };

export function recheckAt(at: Date | undefined): Outcome {
  return at === undefined ? { kind: 'idle' } : { kind: 'recheckAt', at };
}
