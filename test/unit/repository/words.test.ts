/** Words that the project has given up: ARCHITECTURE.md's table has those that it uses. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
/** The licence is not ours, the lock file is generated, and this file names the words. */
const EXEMPT = ['LICENSE', 'package-lock.json', 'test/unit/repository/words.test.ts'];

const lines = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((name) => name !== '' && !EXEMPT.includes(name))
  .flatMap((name) =>
    readFileSync(join(ROOT, name), 'utf8')
      .split('\n')
      .map((text, index) => ({ place: `${name}:${index + 1}`, text })),
  );

describe('no file says', () => {
  it.each([
    ['mend, remedy: fix', /\b(?:mend(?:s|ed|ing)?|remed(?:y|ies))\b/i],
    ['anew: again, re-created', /\banew\b/i],
    ['in the place of: instead of', /\bin the place of\b/i],
    ['be had: get, acquire', /\b(?:be|not) had\b/i],
    ['of before: previous', /\b(?:of before|of former days)\b/i],
    ['is told, tells of: reports, logs, warns', /\b(?:is|are|be) told\b|\btells? of\b/i],
    ['look again, recheck: requeue', /\blook(?:s|ed|ing)? again\b|\brecheck/i],
    ['wish: desired', /\bwish(?:es|ed)?\b/i],
    ['heed: respect', /\bheed(?:s|ed)?\b/i],
    ['stray entry: orphaned reference', /\bstray\b/i],
    ['grant: registry login', /\bRegistryGrant\b|\bGrantNeed\b/],
    ['removal guard: brake', /\bremoval ?guard\b/i],
    ['clean-up: cleanup', /\bclean-up\b(?!\.ts)/i],
    ['ecr_pull_secret_, EcrPullSecret…: with an s', /ecr_pull_secret_|EcrPullSecret[A-RT-Z]/],
  ])('%s', (_, pattern) => {
    expect(lines.filter(({ text }) => pattern.test(text))).toEqual([]);
  });
});
