/** The chart's alerts as in its files, before rendering. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CHART } from './chart.ts';
import type { Helm } from '../tools/helm.ts';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly description: string };
}

/** A series that an expression reads, with the labels that it expects. */
export interface ExpectedSeries {
  readonly name: string;
  readonly labels: readonly string[];
}

export function readAlerts(): readonly Alert[] {
  return parse(readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8')) as readonly Alert[];
}

/** The rule file of the release `eps` in the namespace `ops`. */
export async function renderRules(helm: Helm): Promise<string> {
  const names = ['eps', CHART, '--namespace', 'ops', '--set', 'fullnameOverride=eps'];
  const only = ['--set', 'metrics.renderMode=alwaysRender', '-s', 'templates/prometheusrule.yaml'];
  const rule = parse(await helm.succeed('template', ...names, ...only)) as { spec: unknown };
  return stringify(rule.spec);
}

/** Labels that Prometheus itself adds to a series. */
const FROM_THE_SCRAPE = ['cluster', 'namespace', 'job', 'pod', 'instance'];

const AGGREGATED = /by \(([^)]*)\)\s*\(\s*(?:\w+\()?(\w+)\{<selector>,?([^}]*)\}/g;
const MENTIONED = /(\w+)\{<selector>/g;

/** Without `up`, which is Prometheus' own. */
export function expectedSeries(): readonly ExpectedSeries[] {
  const byName = new Map<string, Set<string>>();
  for (const { expr } of readAlerts()) {
    for (const [, name = ''] of expr.matchAll(MENTIONED)) {
      byName.set(name, byName.get(name) ?? new Set());
    }
    for (const [, by = '', name = '', matchers = ''] of expr.matchAll(AGGREGATED)) {
      const matched = [...matchers.matchAll(/(\w+)=/g)].map(([, label = '']) => label);
      const labels = [...by.split(/,\s*/), ...matched];
      for (const label of labels.filter((each) => !FROM_THE_SCRAPE.includes(each))) {
        byName.get(name)?.add(label);
      }
    }
  }
  byName.delete('up');
  return [...byName].map(([name, labels]) => ({ name, labels: [...labels].sort() }));
}

/** The runbook pages, one for each alert. */
export const RUNBOOKS = join(import.meta.dirname, '../../../docs/runbooks');
