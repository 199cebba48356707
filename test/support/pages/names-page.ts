/** docs/reference/names.md: every name that users rely on, collected from the code. */
import { Metrics } from '../../../src/telemetry/metrics/metrics.ts';
import {
  KIND_LABELS,
  RECONCILE_RESULTS,
  TOKEN_RESULTS,
  WATCHED_RESOURCES,
  WRITE_RESULTS,
  WRITE_VERBS,
} from '../../../src/telemetry/metrics/metric-names.ts';
import type { CleanupReport } from '../../../src/cleanup/report.ts';
import { LEFTOVER_KINDS } from '../../../src/cleanup/report.ts';
import { cleanupOptions } from '../../../src/commands/cleanup.ts';
import { doctorOptions } from '../../../src/commands/doctor.ts';
import { runOptions } from '../../../src/commands/run.ts';
import { CHECK_NAMES, STATUSES, type Check } from '../../../src/doctor/check.ts';
import { renderJson } from '../../../src/doctor/render-checks.ts';
import { renderReportJson } from '../../../src/cleanup/render-report.ts';
import * as contract from '../../../src/domain/contract.ts';
import { ENTRY_STATES, SECRET_STATES } from '../../../src/domain/state/cluster-state.ts';
import { REACTIONS } from '../../../src/kubernetes/watch/watch-ending.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { readAlerts } from '../chart/alerts.ts';
import { LOG_FIELDS } from './log-fields.ts';
import { errorCodes, eventReasons, logCalls } from './source-names.ts';

export const NAMES_PAGE = 'docs/reference/names.md';

/** The whole page. Throws an Error for a log field without a meaning, or a meaning without a field. */
export function renderNames(): string {
  return [
    '# Names',
    'Every name that you, your alerts and your scripts may rely on. [Semantic versioning](https://semver.org/) covers this page from 0.1.0 on. `npm run manifests` writes it from the code, and a test fails if it is stale. The other pages of the reference say what the names mean.',
    section('Annotations, labels and objects', renderObjects()),
    section('Events', `${quoted(eventReasons())}. See [Events](events.md).`),
    section('Metrics', renderMetrics()),
    section(
      'Alerts',
      `${quoted([...new Set(readAlerts().map(({ alert }) => alert))])}. See the [runbooks](../runbooks/README.md).`,
    ),
    section('Commands', renderCommands()),
    section('Log', renderLog()),
    section(
      'Error codes',
      `In the field \`code\` of the log: ${quoted(errorCodes())}. See [error codes](credentials.md#error-codes) for those of AWS.`,
    ),
  ].join('\n\n');
}

function renderObjects(): string {
  return table(
    ['On', 'Names'],
    [
      ['Namespace, annotations', quoted(Object.values(contract.NAMESPACE_ANNOTATIONS))],
      ['ServiceAccount, annotation', quoted(Object.values(contract.SERVICE_ACCOUNT_ANNOTATIONS))],
      ['Secret, annotations', quoted(Object.values(contract.SECRET_ANNOTATIONS))],
      ['Secret, labels', quoted(Object.values(contract.LABELS))],
      ['Lease, annotation', quoted(Object.values(contract.LEASE_ANNOTATIONS))],
      [
        'Secret, name and type by default',
        quoted([contract.DEFAULT_SECRET_NAME, contract.SECRET_TYPE]),
      ],
      [
        'Lease, name; field manager',
        `\`${contract.MANAGED_BY}\`, or \`${contract.MANAGED_BY}-<instance>\``,
      ],
      [
        'Policies of the guard, and their bindings',
        quoted(
          contract.GUARDED_RESOURCES.map((resource) =>
            contract.guardPolicyNameOf(contract.DEFAULT_INSTANCE, resource),
          ),
        ),
      ],
      ['Dry runs that probe the guard, field manager', quoted([contract.GUARD_PROBE])],
    ],
  );
}

/** What the labels can say; a label that is not here has names of the cluster, such as those of profiles. */
const LABEL_VALUES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  managed_secrets: { state: SECRET_STATES },
  secret_entries: { state: ENTRY_STATES },
  token_requests_total: { result: TOKEN_RESULTS },
  writes_total: {
    kind: Object.values(KIND_LABELS),
    verb: Object.values(WRITE_VERBS).flat(),
    result: WRITE_RESULTS,
  },
  conflicts_total: { kind: Object.values(KIND_LABELS) },
  reconcile_total: { result: RECONCILE_RESULTS },
  watch_last_event_timestamp_seconds: { resource: WATCHED_RESOURCES },
  watch_restarts_total: { resource: WATCHED_RESOURCES, cause: Object.keys(REACTIONS) },
  informer_synced: { resource: WATCHED_RESOURCES },
  objects_too_large: { resource: WATCHED_RESOURCES },
  clock_offset_seconds: { source: ['kubernetes', 'aws'] },
};

function renderMetrics(): string {
  const metrics = new Metrics(new VirtualClock());
  metrics.describeProcess('0', () => 0);
  const rows = metrics
    .series()
    .filter(({ name }) => !/^(?:process|nodejs)_/.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels }) => {
      const values = LABEL_VALUES[name.replace('ecr_pull_secrets_', '')] ?? {};
      const shown = labels.map((label) =>
        values[label] === undefined ? `\`${label}\`` : `\`${label}\` (${quoted(values[label])})`,
      );
      return [`\`${name}\``, type, shown.join('; ')];
    });
  return `${table(['Metric', 'Type', 'Labels, with their values'], rows)}\n\nThe label \`reason\` is the reason of the Event. Next to these there are the usual \`process_*\` and \`nodejs_*\`. See [metrics](metrics.md).`;
}

const CHECK: Required<Check> & { readonly fix: string } = {
  name: 'clock',
  subject: 'kubernetes',
  status: 'failed',
  message: '',
  fix: '',
};

const REPORT: Required<CleanupReport> = {
  ending: { kind: 'failed', why: '' },
  deletedSecrets: 0,
  detachedServiceAccounts: 0,
  namespaces: 0,
  left: [{ namespace: '', secret: '', kind: 'pending', message: '', fix: '' }],
  removesOrphanedReferences: false,
  detachedOrphanedReferences: 0,
  orphanedReferences: [{ namespace: '', serviceAccount: '', secret: '', message: '', fix: '' }],
  lease: 'kept',
  podsCommand: '',
  resume: '',
};

function renderCommands(): string {
  const flags = [
    ['run', runOptions()],
    ['doctor', doctorOptions()],
    ['cleanup', cleanupOptions()],
  ] as const;
  return [
    table(
      ['Command', 'Flags'],
      flags.map(([name, options]) => [
        `\`${name}\``,
        quoted(options.map(({ long }) => long ?? '')),
      ]),
    ),
    `Environment variables: ${quoted(runOptions().map(({ envVar }) => envVar ?? ''))}.`,
    `\`doctor -o json\`: ${quoted(keysIn(JSON.parse(renderJson([CHECK]))))}. Checks: ${quoted(CHECK_NAMES)}. Statuses: ${quoted(STATUSES)}.`,
    `\`cleanup -o json\`: ${quoted(keysIn(JSON.parse(renderReportJson(REPORT))))}. Kinds of what is left: ${quoted(Object.keys(LEFTOVER_KINDS))}.`,
    'See the [command line](cli.md).',
  ].join('\n\n');
}

function renderLog(): string {
  const calls = logCalls();
  const found = new Set(calls.flatMap(({ fields }) => fields));
  const [undocumented, unused] = [
    [...found].filter((field) => LOG_FIELDS[field] === undefined),
    Object.keys(LOG_FIELDS).filter((field) => !found.has(field)),
  ];
  if (undocumented.length + unused.length > 0) {
    throw new Error(
      `log fields without a meaning: ${undocumented.join()}; unused: ${unused.join()}`,
    );
  }
  return [
    'Each line has `time`, `level`, `msg` and `instance`. The messages at level `info` and above:',
    table(
      ['Message', 'Level', 'Fields'],
      calls
        .filter(({ levels }) => levels.some((level) => level !== 'debug'))
        .map(({ message, levels, fields }) => [message, levels.join(', '), quoted(fields)]),
    ),
    table(
      ['Field', 'Meaning'],
      Object.entries(LOG_FIELDS)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([field, meaning]) => [`\`${field}\``, meaning]),
    ),
  ].join('\n\n');
}

/** Paths of all keys; of lists those of their first item. */
function keysIn(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return keysIn(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    keysIn(inner, path === '' ? key : `${path}.${key}`),
  );
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
