/** A queue observer that does nothing, for tests that don't need the queue's counts. */
import type { QueueObserver } from '../../../src/controller/queue/work-queue.ts';

export const UNOBSERVED: QueueObserver = {
  added: () => undefined,
  retried: () => undefined,
  taken: () => undefined,
  done: () => undefined,
  dropped: () => undefined,
};
