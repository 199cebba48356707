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

/**
 * Any word but `gov`, `iso` and `iso` with one letter more, by its length. Like all that is put together to
 * `REGISTRY_HOST`, this is a pattern for RE2 too, which helm has: it knows no lookahead.
 */
const PLAIN_WORD =
  '(?:[a-z]{1,2}|[a-fhj-z][a-z]{2}|g[a-np-z][a-z]|go[a-uw-z]|i[a-rt-z][a-z]|is[a-np-z]' +
  '|[a-hj-z][a-z]{3}|i[a-rt-z][a-z]{2}|is[a-np-z][a-z]|[a-z]{5,})';

/** As in the SDK's own partition data; `aws` takes every plain region, so that a new one needs no release of ours. */
const REGIONS: Readonly<Record<Partition, string>> = {
  aws: `(?:[abd-z][a-z]|c[a-mo-z])-${PLAIN_WORD}-[0-9]{1,2}`,
  'aws-cn': 'cn-[a-z]+-[0-9]{1,2}',
  'aws-us-gov': 'us-gov-[a-z]+-[0-9]{1,2}',
  'aws-iso': 'us-iso-[a-z]+-[0-9]{1,2}',
  'aws-iso-b': 'us-isob-[a-z]+-[0-9]{1,2}',
  'aws-iso-e': 'eu-isoe-[a-z]+-[0-9]{1,2}',
  'aws-iso-f': 'us-isof-[a-z]+-[0-9]{1,2}',
  'aws-eusc': 'eusc-[a-z]{2}-[a-z]+-[0-9]{1,2}',
};

/** FIPS exists in regions of the United States only. */
const FIPS_REGIONS: Readonly<Partial<Record<Partition, string>>> = {
  aws: `us-${PLAIN_WORD}-[0-9]{1,2}`,
  'aws-us-gov': REGIONS['aws-us-gov'],
};

const PARTITIONS = Object.entries(REGIONS).map(
  ([partition, pattern]) => [partition as Partition, new RegExp(`^${pattern}$`)] as const,
);

/** The partition that a region belongs to; `undefined` for what can't be the name of a region. */
export function partitionOf(region: string): Partition | undefined {
  return PARTITIONS.find(([, pattern]) => pattern.test(region))?.[0];
}

/** What matches the regions of the partitions, or those that have FIPS; `undefined` where there are none. */
export function regionPattern(
  partitions: readonly Partition[],
  form: 'standard' | 'fips',
): string | undefined {
  const regions = form === 'fips' ? FIPS_REGIONS : REGIONS;
  const patterns = partitions.flatMap((partition) => regions[partition] ?? []);
  return patterns.length === 0 ? undefined : `(?:${patterns.join('|')})`;
}
