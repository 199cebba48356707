/** The schema of the file except for the profiles, which are read one by one. It sets every default of the contract. */
import * as z from 'zod';
import { DEFAULT_SECRET_NAME } from '../domain/contract.ts';
import type { RemovalSettings } from '../domain/settings.ts';
import { parseDurationMs } from './duration.ts';
import { section } from './fault.ts';
import { namePattern, namespaceName, namespaceSelector } from './matcher-schema.ts';
import { UP_TO_30_DAYS } from './patterns/grace-pattern.ts';
import { longPatternText, patternText } from './patterns/pattern-text.ts';
import { NEVER, SCHEDULE } from './patterns/schedule-pattern.ts';
import { writtenProfiles } from './profile-schema.ts';

/** A refresh later than this in a token's life leaves no time to survive an outage. */
const LATEST_FRACTION = 0.9;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

const secretName = patternText(
  SUBDOMAIN,
  'the name of a Secret: a-z, 0-9, - and ., at most 253 characters',
  253,
);

const GRACE = 'a duration of at most 30d, such as 10m, 1h30m or 20d12h';

const gracePeriodMs = longPatternText(UP_TO_30_DAYS, GRACE).transform((text, context) => {
  const durationMs = parseDurationMs(text);
  if (durationMs !== undefined) return durationMs;
  context.addIssue({ code: 'custom', message: `must be ${GRACE}` });
  return z.NEVER;
});

const BRAKE = 'must be a percentage of at most 100 in quotes, such as "5%", or a whole number';
const PERCENT = /^(100(\.0{1,6})?|0?[0-9]{1,2}(\.[0-9]{1,6})?)%$/;

const brake = z
  .union([z.string(BRAKE).regex(PERCENT, BRAKE), z.int(BRAKE).min(0, BRAKE)], BRAKE)
  .transform((value): RemovalSettings['brake'] =>
    typeof value === 'number'
      ? { kind: 'count', count: value }
      : { kind: 'fraction', fraction: Number(value.slice(0, -1)) / 100 },
  );

const refresh = section({
  atLifetimeFraction: z.number().gt(0).max(LATEST_FRACTION).default(0.4),
  jitterFraction: z.number().min(0).max(LATEST_FRACTION).default(0.1),
}).refine(
  // The small term allows for rounding of binary fractions, as in 0.8 + 0.1.
  ({ atLifetimeFraction, jitterFraction }) =>
    atLifetimeFraction + jitterFraction <= LATEST_FRACTION + 1e-9,
  `atLifetimeFraction and jitterFraction (default 0.4 and 0.1) must add up to at most ${LATEST_FRACTION}`,
);

function hasNoDuplicates(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

const CRON = 'a cron expression of five fields (UTC), such as "7 * * * *"';

/** `isSchedule` returns whether a cron expression can be scheduled. */
export function fileSchema(isSchedule: (expression: string) => boolean) {
  return section({
    profiles: writtenProfiles.optional(),
    namespaces: section({
      selector: namespaceSelector.optional(),
      exclude: z.array(namePattern).default(['kube-system', 'kube-public', 'kube-node-lease']),
      only: z
        .array(namespaceName)
        .refine(hasNoDuplicates, 'lists a namespace twice')
        .meta({ uniqueItems: true })
        .default([]),
    }).prefault({}),
    refresh: refresh.prefault({}),
    removal: section({
      gracePeriod: gracePeriodMs.prefault('10m'),
      maxPerTenMinutes: brake.prefault('5%'),
    }).prefault({}),
    secretName: secretName.default(DEFAULT_SECRET_NAME),
    attach: section({
      mode: z.enum(['serviceAccounts', 'none']).default('serviceAccounts'),
    }).prefault({}),
    kubernetes: section({
      qps: z.number().min(1).max(10_000).default(200),
      burst: z.int().min(1).max(100_000).default(400),
    }).prefault({}),
    sweep: section({
      schedule: longPatternText(SCHEDULE, CRON, NEVER)
        .refine(isSchedule, { error: `must be ${CRON}` })
        .default('7 * * * *'),
    }).prefault({}),
  });
}
