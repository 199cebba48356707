/** The report of a cleanup as lines for people, or as JSON for programs. */
import { stripVTControlCharacters } from 'node:util';
import { type CleanupReport, exitCodeOf, isOurs, type Leftover } from './report.ts';

const SHOWN_AT_MOST = 50;
const FIRST_NAMES = 10;
/** A release whose hook has failed can't be upgraded. */
const OF_HELM =
  'As a hook of Helm: uninstall again when that is mended, or keep the release with `helm rollback RELEASE REVISION` (its last one) and let the controller go on';

export function renderReport(report: CleanupReport): string {
  const { ending, left, strayEntries } = report;
  const lines =
    ending.kind === 'dryRun'
      ? renderDryRun(report, ending.attachedServiceAccounts)
      : [
          ...renderEnding(report),
          ...renderLeft('left, and ours:', left.filter(isOurs)),
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
    ...renderList(
      'ServiceAccounts that name our Secret where there is none (nothing says who wrote that; it does no harm):',
      strayEntries.map(({ namespace, serviceAccount, mend }) => ({
        first: `${namespace}/${serviceAccount}`,
        mend,
      })),
    ),
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
  const done = `deleted ${deletedSecrets} Secrets and detached ${detachedServiceAccounts} ServiceAccounts in ${namespaces} namespaces`;
  switch (ending.kind) {
    case 'failed':
      return [done, `FAILED: ${onOneLine(ending.why)}`];
    case 'interrupted':
      return [done, 'interrupted: the same command goes on where it was'];
    case 'done':
    case 'dryRun':
      return [done];
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

function renderDryRun(
  { left, resume }: CleanupReport,
  attachedServiceAccounts: number,
): readonly string[] {
  const pending = left.filter(({ kind }) => kind === 'pending');
  const namespaces = new Set(pending.map(({ namespace }) => namespace)).size;
  const names = pending
    .slice(0, FIRST_NAMES)
    .map(({ namespace, secret }) => `${namespace}/${secret}`);
  const more = pending.length - names.length;
  const others = left.filter((one) => isOurs(one) && one.kind !== 'pending');
  return [
    `would delete ${pending.length} Secrets and detach ${attachedServiceAccounts} ServiceAccounts in ${namespaces} namespaces`,
    ...names.map((name) => `  ${name}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...renderLeft('ours, but would be left:', others),
    'nothing was changed. To do it: the same command with --yes; the controller is paused then',
    `(and to let it go on after that: ${resume})`,
  ];
}

function renderLeft(title: string, left: readonly Leftover[]): readonly string[] {
  return renderList(
    title,
    left.map(({ namespace, secret, message, mend }) => ({
      first: `${namespace}/${secret}: ${onOneLine(message)}`,
      mend,
    })),
  );
}

function renderList(
  title: string,
  items: readonly { readonly first: string; readonly mend: string | undefined }[],
): readonly string[] {
  if (items.length === 0) return [];
  const hidden = items.length - SHOWN_AT_MOST;
  return [
    title,
    ...items
      .slice(0, SHOWN_AT_MOST)
      .flatMap(({ first, mend }) => [`  ${first}`, ...(mend ? [`    mend: ${mend}`] : [])]),
    ...(hidden > 0 ? [`  and ${hidden} more: -o json lists all`] : []),
  ];
}

/** What servers said stands in it. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
