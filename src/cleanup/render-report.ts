/** The report of a cleanup as lines for people, or as JSON for programs. */
import { stripVTControlCharacters } from 'node:util';
import { countOf } from '../domain/count-of.ts';
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
const HELM_ADVICE =
  'If this ran as a Helm hook: fix the cause and uninstall again, or keep the release: run `helm rollback RELEASE REVISION` (its last revision) and resume the controller';

export function renderReport(report: CleanupReport): string {
  const { ending, left } = report;
  const lines =
    ending.kind === 'dryRun'
      ? renderDryRun(report, ending.attachedServiceAccounts)
      : [
          ...renderEnding(report),
          ...renderLeft('ours, but not deleted:', left.filter(isOurs)),
          ...(report.deletedSecrets === 0 ? [] : renderPods(report)),
          renderLease(report),
          ...(exitCodeOf(report) === 0 ? [] : [HELM_ADVICE]),
        ];
  return [
    ...lines,
    ...renderLeft(
      'not ours to delete, left unchanged:',
      left.filter((one) => !isOurs(one) && one.kind !== 'unknown'),
    ),
    ...renderLeft(
      'may still exist, if the namespace does:',
      left.filter(({ kind }) => kind === 'unknown'),
    ),
    ...renderOrphans(report),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** In the format that docs/reference/cli.md documents. */
export function renderReportJson(report: CleanupReport): string {
  const { ending, ...rest } = report;
  const { kind, ...details } = ending;
  return `${JSON.stringify({ ending: kind, ...details, ...rest }, null, 2)}\n`;
}

function renderEnding(report: CleanupReport): readonly string[] {
  const { ending, deletedSecrets, detachedServiceAccounts, namespaces } = report;
  const done = [
    `deleted ${countOf(deletedSecrets, 'Secret')} and removed the reference from ${countOf(detachedServiceAccounts, 'ServiceAccount')} in ${countOf(namespaces, 'namespace')}`,
    ...(report.removesOrphanedReferences
      ? [
          `removed ${countOf(report.detachedOrphanedReferences, 'orphaned reference')} from ServiceAccounts`,
        ]
      : []),
  ];
  switch (ending.kind) {
    case 'failed':
      return [...done, `FAILED: ${onOneLine(ending.why)}`];
    case 'interrupted':
      return [...done, 'interrupted: run the same command again to continue'];
    case 'done':
    case 'dryRun':
      return done;
  }
}

function renderLease({ lease, resume }: CleanupReport): string {
  switch (lease) {
    case 'kept':
      return `the Lease stays paused, so nobody leads. To resume the controller: ${resume}`;
    case 'created':
      return `the Lease exists only for the pause. While it exists, Helm refuses to install again, and an installation without Helm starts paused. Once everything is deleted: ${resume}`;
    case 'deleted':
      return 'the Lease, which existed only for the pause, is deleted: nothing is paused any more';
  }
}

function renderDryRun(report: CleanupReport, attachedServiceAccounts: number): readonly string[] {
  const { left, resume } = report;
  const pending = left.filter(({ kind }) => kind === 'pending');
  const namespaces = new Set(pending.map(({ namespace }) => namespace)).size;
  const names = pending.map(({ namespace, secret }) => `${namespace}/${secret}`);
  const others = left.filter((one) => isOurs(one) && one.kind !== 'pending');
  const orphans = report.removesOrphanedReferences ? report.orphanedReferences.length : 0;
  const hasWork = pending.length + attachedServiceAccounts + orphans > 0;
  return [
    `would delete ${countOf(pending.length, 'Secret')} and remove the reference from ${countOf(attachedServiceAccounts, 'ServiceAccount')} in ${countOf(namespaces, 'namespace')}`,
    ...firstOf(names),
    ...(report.removesOrphanedReferences ? renderOrphansToGo(report) : []),
    ...renderLeft('ours, but would not be deleted:', others),
    ...(pending.length === 0 ? [] : renderPods(report)),
    ...(hasWork
      ? [
          'nothing was changed. To do it, run the same command with --yes; it also pauses the controller',
          `(to resume it afterwards: ${resume})`,
        ]
      : ['there is nothing to clean up, and nothing was changed']),
  ];
}

function renderPods({ podsCommand }: CleanupReport): readonly string[] {
  return [
    "Pods that name this Secret, and no other one for the same registries, can't pull without it. To list the Pods that name it, each with all Secrets that it names:",
    `  ${podsCommand}`,
    "  (to leave out those that also name the Secret of another instance, add: | grep -vF ' ITS_NAME ')",
  ];
}

/** If nobody asked for their removal, it names the flag instead of a command for each. */
function renderOrphans(report: CleanupReport): readonly string[] {
  const { ending, orphanedReferences, removesOrphanedReferences } = report;
  if (orphanedReferences.length === 0) return [];
  if (!removesOrphanedReferences) {
    return [
      `${countOrphans(report)}: ServiceAccounts that name this instance's Secret where there is none. The kubelet warns about them for every Pod (FailedToRetrieveImagePullSecret). Nothing shows who added them. To remove them too, run the same command with --orphaned-references (cleanup.orphanedReferences=true in the chart)`,
      ...firstOf(orphanedReferences.map(nameOf)),
    ];
  }
  if (ending.kind === 'dryRun') return [];
  return renderList(
    'orphaned references, not removed:',
    orphanedReferences.map((one) => ({
      first: one.message === undefined ? nameOf(one) : `${nameOf(one)}: ${onOneLine(one.message)}`,
      fix: one.fix,
    })),
  );
}

function renderOrphansToGo(report: CleanupReport): readonly string[] {
  return [
    `would remove ${countOrphans(report)} (ServiceAccounts that name this instance's Secret where there is none), whoever added them`,
    ...firstOf(report.orphanedReferences.map(nameOf)),
  ];
}

function countOrphans({ orphanedReferences }: CleanupReport): string {
  const namespaces = new Set(orphanedReferences.map(({ namespace }) => namespace)).size;
  return `${countOf(orphanedReferences.length, 'orphaned reference')} in ${countOf(namespaces, 'namespace')}`;
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

/** The text may quote what a server answered. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
