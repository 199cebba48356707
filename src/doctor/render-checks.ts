/** The doctor's findings as lines for people, or as JSON for programs. */
import { stripVTControlCharacters } from 'node:util';
import { type Check, countFailed, STATUSES } from './check.ts';

const STATUS_WORDS: Readonly<Record<Check['status'], string>> = {
  ok: 'ok',
  info: 'info',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: 'skipped',
};
const STATUS_WIDTH = 8;

/** One line, and a second one for the fix. */
export function renderCheck(check: Check): string {
  const { name, subject, status, message } = check;
  const about = subject === '' ? name : `${name} ${subject}`;
  const first = `${STATUS_WORDS[status].padEnd(STATUS_WIDTH)} ${onOneLine(`${about}: ${message}`)}\n`;
  if (!('fix' in check)) return first;
  return `${first}${' '.repeat(STATUS_WIDTH)} fix: ${onOneLine(check.fix)}\n`;
}

/** The last line: how many of each. */
export function renderCounts(checks: readonly Check[]): string {
  const counts = STATUSES.map((status) => ({
    status,
    count: checks.filter((check) => check.status === status).length,
  }))
    .filter(({ count, status }) => count > 0 || status === 'failed')
    .map(({ count, status }) => `${count} ${status}`);
  return `\n${counts.join(', ')}\n`;
}

/** In the format that docs/reference/cli.md documents. */
export function renderJson(checks: readonly Check[]): string {
  const listed = checks.map((check) => ({
    name: check.name,
    subject: check.subject,
    status: check.status,
    message: check.message,
    ...('fix' in check ? { fix: check.fix } : {}),
  }));
  return `${JSON.stringify({ checks: listed, failed: countFailed(checks) }, null, 2)}\n`;
}

/** The text may quote what a server answered. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
