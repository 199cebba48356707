/** What makes a process of thousands of simulated worlds faster. */
import * as z from 'zod';

/**
 * Thousands of errors get no stack, which nobody reads, and schemas that are used once are not compiled. The answer
 * undoes the first; the second has no effect but on speed.
 */
export function lighten(): () => void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  z.config({ jitless: true });
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
  };
}
