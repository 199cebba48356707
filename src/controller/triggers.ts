/** The wake-up map: which change makes us look at which namespace, and how urgent that is. */
import type { Change } from './ports/cluster-view.ts';
import type { Priority } from './queue/work-queue.ts';

export interface WakeUp {
  readonly namespace: string;
  readonly priority: Priority;
}

export function wakeUpFor(change: Change): WakeUp {
  const { namespace } = change;
  switch (change.resource) {
    case 'namespaces':
      // A namespace or its annotations changed: somebody waits for what that means.
      return { namespace, priority: 'new' };
    case 'serviceaccounts':
      // A Pod of a ServiceAccount that we have not seen yet can start at any moment.
      return { namespace, priority: change.kind === 'added' ? 'new' : 'repair' };
    case 'secrets':
      return { namespace, priority: 'repair' };
  }
}
