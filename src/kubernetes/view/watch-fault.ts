/** Describes for people what is wrong with the watches of one resource. */
import type { ReflectorState } from '../watch/reflector-health.ts';

interface Watch {
  /** The only namespace that it watches; `undefined`: all of them. */
  readonly namespace: string | undefined;
  readonly state: ReflectorState;
}

/** A healthy watch gets data at least every 90 s, even if only the answer to a new request. */
const SILENT_AFTER_MS = 110_000;

/** Names the first namespace with a fault, and how many more there are. `nowMs`: by the monotonic clock. */
export function findWatchFault(watches: readonly Watch[], nowMs: number): string | undefined {
  const faults = watches.flatMap(({ namespace, state }) => {
    const fault = faultOf(state, nowMs);
    if (fault === undefined) return [];
    return [namespace === undefined ? fault : `in namespace "${namespace}": ${fault}`];
  });
  const [first] = faults;
  return faults.length < 2 ? first : `${first}, and in ${faults.length - 1} more`;
}

function faultOf(state: ReflectorState, nowMs: number): string | undefined {
  const { synced, denied, lastFault, lastContactMs } = state;
  if (denied !== undefined) return `not allowed: ${denied}`;
  const why = lastFault === undefined ? '' : `: ${lastFault}`;
  if (!synced) return `the first list is not complete${why}`;
  const silentMs = nowMs - (lastContactMs ?? -Infinity);
  return silentMs > SILENT_AFTER_MS
    ? `no data from the API server for ${Math.round(silentMs / 1000)} s${why}`
    : undefined;
}
