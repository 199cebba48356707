/** Cuts bytes into chunks of any sizes: what reads a stream must not depend on where it is cut. */
import * as fc from 'fast-check';

/** The last chunk has what is left after `sizes`. */
export function* inChunks(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

export const chunkSizes = (): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 200 });
