/** Estimates how big a profile makes a Secret: the API server refuses one beyond 1 MiB, and etcd suffers before. */
import type { Fault } from './fault.ts';

/** An ECR token is about 2.5 kB; base64, twice, makes up to this. */
const BYTES_PER_HOST = 4 * 1024;
const WARN_FROM_BYTES = 128 * 1024;
const REFUSE_FROM_BYTES = 512 * 1024;

export function judgeSize(
  hosts: number,
  path: string,
): { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] } {
  const bytes = hosts * BYTES_PER_HOST;
  if (bytes < WARN_FROM_BYTES) return { faults: [], warnings: [] };
  const message = `${hosts} registries make a Secret of about ${bytes / 1024} KiB in every namespace`;
  return bytes < REFUSE_FROM_BYTES
    ? { faults: [], warnings: [{ path, message }] }
    : {
        faults: [{ path, message: `${message}, which is too big: split the profile` }],
        warnings: [],
      };
}
