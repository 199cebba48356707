import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readAlerts, RUNBOOKS } from '../../support/chart/alerts.ts';

const alerts = [...new Set(readAlerts().map(({ alert }) => alert))];
const read = (name: string) => readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');

describe('the runbooks', () => {
  it('are exactly one per alert', () => {
    const pages = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md');

    expect(pages.sort()).toEqual(alerts.map((alert) => `${alert}.md`).sort());
  });

  it('are all in the index', () => {
    const listed = [...read('README').matchAll(/^\| \[(\w+)\]\(\1\.md\)/gm)].map(
      ([, name]) => name,
    );

    expect(listed).toEqual(alerts);
  });

  it.each(alerts)('explain for %s the meaning, the impact, the diagnosis and the fix', (alert) => {
    const page = read(alert);

    expect(page).toMatch(new RegExp(`^# ${alert}\n`));
    expect(page).toMatch(
      /^\*\*Meaning\.\*\* [^]*^\*\*Impact\.\*\* [^]*^## Diagnosis\n[^]*^## Fix\n/m,
    );
    expect(page).toMatch(/```sh\n\s*(?:kubectl|helm) /);
  });
});
