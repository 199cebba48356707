/** Three classes of work that share workers, connections and the request budget. */

/**
 * `urgent`: somebody waits, or a token is near its end. `routine`: nobody waits. `slow`: what has hung or failed, which
 * has a bounded share of its own, so that it never holds up the others.
 */
export type Lane = 'urgent' | 'routine' | 'slow';

/** Most urgent first. */
export const LANES: readonly Lane[] = ['urgent', 'routine', 'slow'];
