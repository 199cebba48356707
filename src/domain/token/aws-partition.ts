/** The AWS partitions and which regions belong to each. */

export type Partition =
  | 'aws'
  | 'aws-cn'
  | 'aws-us-gov'
  | 'aws-iso'
  | 'aws-iso-b'
  | 'aws-iso-e'
  | 'aws-iso-f'
  | 'aws-eusc';

/** As in the SDK's own partition data; `aws` takes every plain region, so that a new one needs no release of ours. */
const REGIONS: readonly (readonly [Partition, RegExp])[] = [
  ['aws-cn', /^cn-[a-z]+-\d{1,2}$/],
  ['aws-us-gov', /^us-gov-[a-z]+-\d{1,2}$/],
  ['aws-iso', /^us-iso-[a-z]+-\d{1,2}$/],
  ['aws-iso-b', /^us-isob-[a-z]+-\d{1,2}$/],
  ['aws-iso-e', /^eu-isoe-[a-z]+-\d{1,2}$/],
  ['aws-iso-f', /^us-isof-[a-z]+-\d{1,2}$/],
  ['aws-eusc', /^eusc-[a-z]{2}-[a-z]+-\d{1,2}$/],
  ['aws', /^[a-z]{2}-(?!gov-|iso[a-z]?-)[a-z]+-\d{1,2}$/],
];

/** The partition that a region belongs to; `undefined` for what can't be the name of a region. */
export function partitionOf(region: string): Partition | undefined {
  return REGIONS.find(([, pattern]) => pattern.test(region))?.[0];
}
