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
 * Any word except `gov`, `iso` and `iso` plus one letter, spelled out by length. Like everything that goes into
 * `REGISTRY_HOST`, this pattern must also work in RE2, which Helm uses and which has no lookahead.
 */
const PLAIN_WORD =
  '(?:[a-z]{1,2}|[a-fhj-z][a-z]{2}|g[a-np-z][a-z]|go[a-uw-z]|i[a-rt-z][a-z]|is[a-np-z]' +
  '|[a-hj-z][a-z]{3}|i[a-rt-z][a-z]{2}|is[a-np-z][a-z]|[a-z]{5,})';

/** From the SDK's partition data, except that `aws` accepts every plain region: a new one needs no new release. */
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

/** FIPS endpoints exist only in regions of the United States. */
const FIPS_REGIONS: Readonly<Partial<Record<Partition, string>>> = {
  aws: `us-${PLAIN_WORD}-[0-9]{1,2}`,
  'aws-us-gov': REGIONS['aws-us-gov'],
};

const PARTITIONS = Object.entries(REGIONS).map(
  ([partition, pattern]) => [partition as Partition, new RegExp(`^${pattern}$`)] as const,
);

/** The partition that a region belongs to; `undefined` if the text can't be the name of a region. */
export function partitionOf(region: string): Partition | undefined {
  return PARTITIONS.find(([, pattern]) => pattern.test(region))?.[0];
}

/** A pattern for the regions of the partitions, or for those with FIPS only; `undefined` if there are none. */
export function regionPattern(
  partitions: readonly Partition[],
  form: 'standard' | 'fips',
): string | undefined {
  const regions = form === 'fips' ? FIPS_REGIONS : REGIONS;
  const patterns = partitions.flatMap((partition) => regions[partition] ?? []);
  return patterns.length === 0 ? undefined : `(?:${patterns.join('|')})`;
}
