/** The README of the chart is up to date, and its commands fit this chart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHART, leafPaths, readChartYaml } from '../../support/chart/chart.ts';
import { CHART_README, renderChartReadme } from '../../support/chart/chart-readme.ts';

const readme = readFileSync(CHART_README, 'utf8');

/** However the columns are padded. */
const withoutPadding = (text: string) =>
  text
    .replaceAll(/ +\|/g, ' |')
    .replaceAll(/\| -+ \|/g, '|')
    .replaceAll(/-{3,} \|/g, '');

describe('the README of the chart', () => {
  it('has the table of values that `npm run manifests` renders', () => {
    expect(withoutPadding(renderChartReadme(readme))).toBe(withoutPadding(readme));
  });

  it('has a row for each value, or for its section', () => {
    const rows = [...readme.matchAll(/^\| `([\w.]+)`/gm)].map(([, path = '']) => path);
    const isListed = (path: string) =>
      rows.some((row) => path === row || path.startsWith(`${row}.`));

    expect(leafPaths(readChartYaml('values.yaml')[0]).filter((path) => !isListed(path))).toEqual(
      [],
    );
  });

  it('sets only existing values', () => {
    const paths = leafPaths(readChartYaml('values.yaml')[0]);
    const set = [...readme.matchAll(/--set[= ]'?([\w.\\]+)/g)].map(([, path = '']) => path);
    const free = [
      'config',
      'serviceAccount.annotations',
      'metrics.serviceMonitor.labels',
      'metrics.prometheusRule.labels',
    ];

    const unknown = set.filter(
      (path) => !paths.includes(path) && !free.some((prefix) => path.startsWith(`${prefix}.`)),
    );
    expect(set.length).toBeGreaterThan(3);
    expect(unknown).toEqual([]);
  });

  it('has the same version as the chart and package.json', () => {
    const [chart] = readChartYaml('Chart.yaml') as readonly { readonly appVersion: string }[];
    const about = readFileSync(join(CHART, '../../package.json'), 'utf8');

    expect(chart?.appVersion).toBe((JSON.parse(about) as { readonly version: string }).version);
  });
});
