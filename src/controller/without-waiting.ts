/**
 * Tokens for a pass that must not wait: while AWS takes its time, the namespace has to hear of a new ServiceAccount, and
 * the other namespaces have to find a worker. Where a mint is needed, the pass ends and comes again when the mint has
 * ended.
 */
import type { ReconcileContext } from './reconcile-context.ts';

type Tokens = ReconcileContext['tokens'];

/** As `tokens`, but `obtain` throws a `WaitingError` where it would wait; `onMinted` is called once, when it need not. */
export function withoutWaiting(tokens: Tokens, onMinted: () => void): Tokens {
  return {
    held: (identity) => tokens.held(identity),
    isFailing: (identity) => tokens.isFailing(identity),
    underWay: (need) => tokens.underWay(need),
    obtain: async (need, signal) => {
      const mint = tokens.underWay(need);
      if (mint === undefined) return tokens.obtain(need, signal);
      void mint.settled.then(onMinted);
      throw mint.waiting;
    },
  };
}
