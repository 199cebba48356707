/** The schema of the file but for the profiles, which are read one by one. Every default of the contract stands here. */
import * as z from 'zod';
import { DEFAULT_SECRET_NAME } from '../domain/contract.ts';
import type { RemovalSettings } from '../domain/settings.ts';
import { parseDurationMs } from './duration.ts';
import { section } from './fault.ts';
import { namePattern, namespaceName, namespaceSelector } from './matcher-schema.ts';

const MAX_GRACE_MS = 30 * 24 * 3_600_000;
/** A write later than this in a token's life leaves no time for an outage. */
const LATEST_FRACTION = 0.9;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

const secretName = z
  .string()
  .refine(
    (name) => name.length <= 253 && SUBDOMAIN.test(name),
    'must be the name of a Secret: a-z, 0-9, - and ., at most 253 characters',
  );

const durationMs = z
  .string('must be a duration such as 10m or 1h30m')
  .transform((text, context) => {
    const durationMs = parseDurationMs(text);
    if (durationMs !== undefined && durationMs <= MAX_GRACE_MS) return durationMs;
    context.addIssue({
      code: 'custom',
      message: 'must be a duration of at most 30d, such as 10m or 1h30m',
    });
    return z.NEVER;
  });

const BRAKE = 'must be a percentage of at most 100 in quotes, such as "5%", or a whole number';

const brake = z
  .union([z.string(), z.number()], BRAKE)
  .transform((value, context): RemovalSettings['brake'] => {
    const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(String(value))?.[1];
    if (percent !== undefined && Number(percent) <= 100) {
      return { kind: 'fraction', fraction: Number(percent) / 100 };
    }
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      return { kind: 'count', count: value };
    }
    context.addIssue({ code: 'custom', message: BRAKE });
    return z.NEVER;
  });

const refresh = section({
  atLifetimeFraction: z.number().gt(0).max(LATEST_FRACTION).default(0.4),
  jitterFraction: z.number().min(0).max(LATEST_FRACTION).default(0.1),
}).refine(
  // The small term forgives what binary fractions lose, as in 0.8 + 0.1.
  ({ atLifetimeFraction, jitterFraction }) =>
    atLifetimeFraction + jitterFraction <= LATEST_FRACTION + 1e-9,
  `atLifetimeFraction and jitterFraction (default 0.4 and 0.1) must add up to at most ${LATEST_FRACTION}`,
);

function isOfOnes(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** `isSchedule` tells whether a cron expression can be run. */
export function fileSchema(isSchedule: (expression: string) => boolean) {
  return section({
    profiles: z.unknown().optional(),
    namespaces: section({
      selector: namespaceSelector.optional(),
      exclude: z.array(namePattern).default(['kube-system', 'kube-public', 'kube-node-lease']),
      only: z.array(namespaceName).refine(isOfOnes, 'names a namespace twice').default([]),
    }).prefault({}),
    refresh: refresh.prefault({}),
    removal: section({
      gracePeriod: durationMs.prefault('10m'),
      maxPerTenMinutes: brake.prefault('5%'),
    }).prefault({}),
    secretName: secretName.default(DEFAULT_SECRET_NAME),
    attach: section({
      mode: z.enum(['serviceAccounts', 'none']).default('serviceAccounts'),
    }).prefault({}),
    kubernetes: section({
      qps: z.number().gt(0).max(10_000).default(50),
      burst: z.int().min(1).max(100_000).default(100),
    }).prefault({}),
    sweep: section({
      schedule: z
        .string()
        .refine(
          (expression) => expression.trim().split(/\s+/).length === 5 && isSchedule(expression),
          'must be a cron expression of five fields (UTC), such as "7 * * * *"',
        )
        .default('7 * * * *'),
    }).prefault({}),
  });
}
