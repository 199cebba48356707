/** For files of thousands of simulated requests, many of which fail: see `lighten`. */
import { afterAll, beforeAll } from '@jest/globals';
import { lighten } from './light-process.ts';

/** To be called once, outside of every test. */
export function lightenTests(): void {
  let undo: () => void = () => undefined;
  beforeAll(() => {
    undo = lighten();
  });
  afterAll(() => {
    undo();
  });
}
