/** The prefix of our own metrics, and the label values that exist from the start, so that a rate has a zero to begin at. */
import type { Registry } from 'prom-client';

export const METRIC_PREFIX = 'ecr_pull_secrets_';

/** What every series of ours begins with, for one registry. */
export function seriesIn(registry: Registry) {
  return <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []) => ({
    name: `${METRIC_PREFIX}${name}`,
    help,
    labelNames,
    registers: [registry],
  });
}

export const TOKEN_RESULTS = [
  'success',
  'untrusted_expiry',
  'invalid',
  'refused',
  'denied',
  'throttled',
  'timeout',
  'failed',
] as const;

/** What we write to, as the label `kind` spells it. */
export const KIND_LABELS = { Secret: 'secret', ServiceAccount: 'service_account' } as const;

/** By the label `kind`. */
export const WRITE_VERBS = {
  secret: ['create', 'update', 'annotate', 'delete'],
  service_account: ['attach', 'detach'],
} as const;

export const WRITE_RESULTS = ['success', 'failure'] as const;

/** controller-runtime's. */
export const RECONCILE_RESULTS = ['success', 'requeue_after', 'requeue', 'error'] as const;

export const WATCHED_RESOURCES = ['namespaces', 'serviceaccounts', 'secrets'] as const;
