/** How urgent a namespace in the queue is. */

/** Most urgent first: somebody may be waiting for a new namespace, nobody waits for a sweep. */
export const PRIORITIES = ['new', 'repair', 'rotation', 'sweep'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Lower is more urgent. */
export function rank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

export function moreUrgent(a: Priority | undefined, b: Priority): Priority {
  return a !== undefined && rank(a) <= rank(b) ? a : b;
}
