/** The report of a cleanup as lines for people, or as JSON for programs. */
import { stripVTControlCharacters } from 'node:util';
import {
  type CleanupReport,
  exitCodeOf,
  isOurs,
  type Leftover,
  type OrphanedReference,
} from './report.ts';

const SHOWN_AT_MOST = 50;
const FIRST_NAMES = 10;
/** A release whose hook has failed can't be upgraded. */
const OF_HELM =
  'As a hook of Helm: uninstall again when that is fixed, or keep the release with `helm rollback RELEASE REVISION` (its last one) and let the controller go on';

export function renderReport(report: CleanupReport): string {
  const { ending, left } = report;
  const lines =
    ending.kind === 'dryRun'
      ? renderDryRun(report, ending.attachedServiceAccounts)
      : [
          ...renderEnding(report),
          ...renderLeft('left, and ours:', left.filter(isOurs)),
          ...(report.deletedSecrets === 0 ? [] : renderPods(report)),
          renderLease(report),
          ...(exitCodeOf(report) === 0 ? [] : [OF_HELM]),
        ];
  return [
    ...lines,
    ...renderLeft(
      'left alone, as not ours to delete:',
      left.filter((one) => !isOurs(one) && one.kind !== 'unknown'),
    ),
    ...renderLeft(
      'may be left, if the namespace is still there:',
      left.filter(({ kind }) => kind === 'unknown'),
    ),
    ...renderOrphans(report),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** What docs/reference.md promises. */
export function renderReportJson(report: CleanupReport): string {
  const { ending, ...rest } = report;
  const { kind, ...details } = ending;
  return `${JSON.stringify({ ending: kind, ...details, ...rest }, null, 2)}\n`;
}

function renderEnding(report: CleanupReport): readonly string[] {
  const { ending, deletedSecrets, detachedServiceAccounts, namespaces } = report;
  const done = [
    `deleted ${deletedSecrets} Secrets and detached ${detachedServiceAccounts} ServiceAccounts in ${namespaces} namespaces`,
    ...(report.takesOrphanedReferences
      ? [`took ${report.detachedOrphanedReferences} orphaned references out of ServiceAccounts`]
      : []),
  ];
  switch (ending.kind) {
    case 'failed':
      return [...done, `FAILED: ${onOneLine(ending.why)}`];
    case 'interrupted':
      return [...done, 'interrupted: the same command goes on where it was'];
    case 'done':
    case 'dryRun':
      return done;
  }
}

function renderLease({ lease, resume }: CleanupReport): string {
  switch (lease) {
    case 'kept':
      return `the Lease keeps its mark, and nobody leads. To let the controller go on: ${resume}`;
    case 'made':
      return `the Lease is there for the mark alone, and in the way of a new installation. When all is done: ${resume}`;
    case 'deleted':
      return 'the Lease, which was there for the mark alone, is gone: nothing is paused any more';
  }
}

function renderDryRun(report: CleanupReport, attachedServiceAccounts: number): readonly string[] {
  const { left, resume } = report;
  const pending = left.filter(({ kind }) => kind === 'pending');
  const namespaces = new Set(pending.map(({ namespace }) => namespace)).size;
  const names = pending.map(({ namespace, secret }) => `${namespace}/${secret}`);
  const others = left.filter((one) => isOurs(one) && one.kind !== 'pending');
  const orphans = report.takesOrphanedReferences ? report.orphanedReferences.length : 0;
  const isToDo = pending.length + attachedServiceAccounts + orphans > 0;
  return [
    `would delete ${pending.length} Secrets and detach ${attachedServiceAccounts} ServiceAccounts in ${namespaces} namespaces`,
    ...firstOf(names),
    ...(report.takesOrphanedReferences ? renderOrphansToGo(report) : []),
    ...renderLeft('ours, but would be left:', others),
    ...(pending.length === 0 ? [] : renderPods(report)),
    ...(isToDo
      ? [
          'nothing was changed. To do it: the same command with --yes; the controller is paused then',
          `(and to let it go on after that: ${resume})`,
        ]
      : ['nothing is there to take away, and nothing was changed']),
  ];
}

function renderPods({ podsCommand }: CleanupReport): readonly string[] {
  return [
    'Pods that name the Secret, and no other that opens the same registries, can not pull without it. This lists the Pods that name it, with all that each names:',
    `  ${podsCommand}`,
    "  (to leave out those that name the Secret of another instance too, add: | grep -vF ' ITS_NAME ')",
  ];
}

/** Where nobody has asked for them to go, the flag is named instead of a line for each. */
function renderOrphans(report: CleanupReport): readonly string[] {
  const { ending, orphanedReferences, takesOrphanedReferences } = report;
  if (orphanedReferences.length === 0) return [];
  if (!takesOrphanedReferences) {
    return [
      `${countOrphans(report)} name our Secret where there is none. The kubelet warns of that at every Pod (FailedToRetrieveImagePullSecret). Nothing says who wrote them; to take them out too: the same command with --orphaned-references (cleanup.orphanedReferences=true in the chart)`,
      ...firstOf(orphanedReferences.map(nameOf)),
    ];
  }
  if (ending.kind === 'dryRun') return [];
  return renderList(
    'orphaned references that are left:',
    orphanedReferences.map((one) => ({
      first: one.message === undefined ? nameOf(one) : `${nameOf(one)}: ${onOneLine(one.message)}`,
      fix: one.fix,
    })),
  );
}

function renderOrphansToGo(report: CleanupReport): readonly string[] {
  return [
    `would take out ${countOrphans(report)} that name our Secret where there is none, whoever wrote them`,
    ...firstOf(report.orphanedReferences.map(nameOf)),
  ];
}

function countOrphans({ orphanedReferences }: CleanupReport): string {
  const namespaces = new Set(orphanedReferences.map(({ namespace }) => namespace)).size;
  return `${orphanedReferences.length} entries of ServiceAccounts in ${namespaces} namespaces`;
}

function nameOf({ namespace, serviceAccount, secret }: OrphanedReference): string {
  return `${namespace}/${serviceAccount} (${secret})`;
}

function firstOf(names: readonly string[]): readonly string[] {
  const more = names.length - FIRST_NAMES;
  return [
    ...names.slice(0, FIRST_NAMES).map((name) => `  ${name}`),
    ...(more > 0 ? [`  and ${more} more: -o json lists all`] : []),
  ];
}

function renderLeft(title: string, left: readonly Leftover[]): readonly string[] {
  return renderList(
    title,
    left.map(({ namespace, secret, message, fix }) => ({
      first: `${namespace}/${secret}: ${onOneLine(message)}`,
      fix,
    })),
  );
}

function renderList(
  title: string,
  items: readonly { readonly first: string; readonly fix: string | undefined }[],
): readonly string[] {
  if (items.length === 0) return [];
  const hidden = items.length - SHOWN_AT_MOST;
  return [
    title,
    ...items
      .slice(0, SHOWN_AT_MOST)
      .flatMap(({ first, fix }) => [`  ${first}`, ...(fix ? [`    fix: ${fix}`] : [])]),
    ...(hidden > 0 ? [`  and ${hidden} more: -o json lists all`] : []),
  ];
}

/** What servers said stands in it. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
