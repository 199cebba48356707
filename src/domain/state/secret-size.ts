/** Estimates the size of a Secret from its registries: the API server rejects more than 1 MiB, and etcd suffers before. */

/** An ECR token has about 2.5 kB; encoded in base64 twice, it takes up to this. */
const BYTES_PER_HOST = 4 * 1024;
const WARN_FROM_BYTES = 128 * 1024;
const REFUSE_FROM_BYTES = 512 * 1024;

/** The largest number of hosts that is not `tooLarge`. */
export const MAX_HOSTS = REFUSE_FROM_BYTES / BYTES_PER_HOST - 1;

export type SizeVerdict = 'fine' | 'large' | 'tooLarge';

export function judgeHostCount(hosts: number): SizeVerdict {
  if (hosts > MAX_HOSTS) return 'tooLarge';
  return hosts * BYTES_PER_HOST >= WARN_FROM_BYTES ? 'large' : 'fine';
}

/** The estimated size in KiB of a Secret with this many hosts. */
export function estimateKib(hosts: number): number {
  return (hosts * BYTES_PER_HOST) / 1024;
}
