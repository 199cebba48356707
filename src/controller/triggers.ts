/** The wake-up map: which change requeues which namespace, and how urgently. */
import type { Change } from './ports/cluster-view.ts';
import type { Priority } from './queue/priority.ts';

export interface WakeUp {
  readonly namespace: string;
  readonly priority: Priority;
}

export function wakeUpFor(change: Change): WakeUp {
  const { namespace } = change;
  switch (change.resource) {
    case 'namespaces':
      // A namespace or its annotations changed: somebody may be waiting for the effect.
      return { namespace, priority: 'new' };
    case 'serviceaccounts':
      // A Pod of a new ServiceAccount can start at any moment.
      return { namespace, priority: change.kind === 'added' ? 'new' : 'repair' };
    case 'secrets':
      return { namespace, priority: 'repair' };
  }
}
