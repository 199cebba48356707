/** How much memory a value keeps: for what must stay small whatever it was made from. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** On the heap of V8, roughly: whatever else the process does at the same time counts, too. */
export function retainedBytes(make: () => unknown): number {
  const before = usedBytes();
  const value = make();
  const after = usedBytes();
  // Still in use, so that it is not collected before it is measured.
  return value === undefined ? 0 : after - before;
}

/** What is in use once all garbage is collected. */
export function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
