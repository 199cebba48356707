/** For test files with thousands of simulated requests, many of which fail: see `lighten`. */
import { afterAll, beforeAll } from '@jest/globals';
import { lighten } from './light-process.ts';

/** Call it once, outside of all tests. */
export function lightenTests(): void {
  let undo: () => void = () => undefined;
  beforeAll(() => {
    undo = lighten();
  });
  afterAll(() => {
    undo();
  });
}
