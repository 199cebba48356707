/** For tests to which the counting of the queue's work means nothing. */
import type { QueueObserver } from '../../../src/controller/queue/work-queue.ts';

export const UNOBSERVED: QueueObserver = {
  added: () => undefined,
  retried: () => undefined,
  taken: () => undefined,
  done: () => undefined,
  dropped: () => undefined,
};
