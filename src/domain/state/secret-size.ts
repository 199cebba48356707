/** Estimates how big registries make a Secret: the API server refuses one beyond 1 MiB, and etcd suffers before. */

/** An ECR token is about 2.5 kB; base64, twice, makes up to this. */
const BYTES_PER_HOST = 4 * 1024;
const WARN_FROM_BYTES = 128 * 1024;
const REFUSE_FROM_BYTES = 512 * 1024;

/** More are `tooLarge`. */
export const MAX_HOSTS = REFUSE_FROM_BYTES / BYTES_PER_HOST - 1;

export type SizeVerdict = 'fine' | 'large' | 'tooLarge';

export function judgeHostCount(hosts: number): SizeVerdict {
  if (hosts > MAX_HOSTS) return 'tooLarge';
  return hosts * BYTES_PER_HOST >= WARN_FROM_BYTES ? 'large' : 'fine';
}

/** Of a Secret of so many hosts. */
export function estimateKib(hosts: number): number {
  return (hosts * BYTES_PER_HOST) / 1024;
}
