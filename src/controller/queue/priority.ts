/** How urgent a namespace in the queue is. */
import type { Lane } from '../../base/lane.ts';

/**
 * Most urgent first. `new`: somebody may be waiting for it. `expiring`: a token is in the last quarter of its life.
 * `crowd`: one of many that came at the same time, or one that is continued. `slow`: its last pass hung or kept failing.
 */
export const PRIORITIES = [
  'new',
  'expiring',
  'repair',
  'crowd',
  'rotation',
  'sweep',
  'slow',
] as const;
export type Priority = (typeof PRIORITIES)[number];

const LANE_OF: Readonly<Record<Priority, Lane>> = {
  new: 'urgent',
  expiring: 'urgent',
  repair: 'urgent',
  crowd: 'routine',
  rotation: 'routine',
  sweep: 'routine',
  slow: 'slow',
};

export function laneOf(priority: Priority): Lane {
  return LANE_OF[priority];
}

/** Lower is more urgent. */
export function rank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

export function moreUrgent(a: Priority | undefined, b: Priority): Priority {
  return a !== undefined && rank(a) <= rank(b) ? a : b;
}
