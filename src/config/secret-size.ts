/** Reports a profile whose Secrets are large. */
import { estimateKib, judgeHostCount } from '../domain/state/secret-size.ts';
import type { Fault } from './fault.ts';

export function judgeSize(
  hosts: number,
  path: string,
): { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] } {
  const verdict = judgeHostCount(hosts);
  if (verdict === 'fine') return { faults: [], warnings: [] };
  const message = `${hosts} registries make a Secret of about ${estimateKib(hosts)} KiB in every namespace`;
  return verdict === 'large'
    ? { faults: [], warnings: [{ path, message }] }
    : {
        faults: [{ path, message: `${message}, which is too large: split the profile` }],
        warnings: [],
      };
}
