/** What is wrong with one watch, in words for people. */
import type { ReflectorState } from './reflector-health.ts';

/** A watch hears something every 90 s, if only the answer to a new request. */
const SILENT_AFTER_MS = 110_000;

export function findWatchFault(state: ReflectorState, now: Date): string | undefined {
  const { synced, denied, lastFault, lastContactAt } = state;
  if (denied !== undefined) return `not allowed: ${denied}`;
  const why = lastFault === undefined ? '' : `: ${lastFault}`;
  if (!synced) return `the first list is not complete${why}`;
  const silentMs = now.getTime() - (lastContactAt?.getTime() ?? 0);
  return silentMs > SILENT_AFTER_MS
    ? `nothing new heard from the API server for ${Math.round(silentMs / 1000)} s${why}`
    : undefined;
}
