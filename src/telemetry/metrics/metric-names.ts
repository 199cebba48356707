/** The prefix of our own metrics, and the label values that exist from the start, so that a rate starts at zero. */
import type { Registry } from 'prom-client';

export const METRIC_PREFIX = 'ecr_pull_secrets_';

/** Builds the common options of each of our series, for one registry. */
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

/** The kinds that we write to, as values of the label `kind`. */
export const KIND_LABELS = { Secret: 'secret', ServiceAccount: 'service_account' } as const;

/** By the label `kind`. */
export const WRITE_VERBS = {
  secret: ['create', 'update', 'annotate', 'delete'],
  service_account: ['attach', 'detach'],
} as const;

export const WRITE_RESULTS = ['success', 'failure', 'dropped'] as const;

/** As in controller-runtime. */
export const RECONCILE_RESULTS = ['success', 'requeue_after', 'requeue', 'error'] as const;

export const WATCHED_RESOURCES = ['namespaces', 'serviceaccounts', 'secrets'] as const;
