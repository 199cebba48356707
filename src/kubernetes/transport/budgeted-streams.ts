/** Counts watches against the budget, too: hundreds of them must not all start at once. */
import type { RequestBudget } from './request-budget.ts';
import type { Transport } from './transport.ts';

export function budgetedStreams(transport: Transport, budget: RequestBudget): Transport {
  return {
    request: (request) => transport.request(request),
    read: (request) => transport.read(request),
    list: (request, take) => transport.list(request, take),
    async stream(request, idleMs) {
      await budget.take(request.signal);
      return transport.stream(request, idleMs);
    },
  };
}
