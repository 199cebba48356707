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

export function readAlerts(): readonly Alert[] {
  return parse(readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8')) as readonly Alert[];
}

/** Each once: some have a rule for each severity. */
export function alertNames(): readonly string[] {
  return [...new Set(readAlerts().map(({ alert }) => alert))];
}

/** With short waiting times, for tests in real time. */
export function hasten(rules: string): string {
  return rules.replaceAll(/(for|keep_firing_for): \d+[mh]\n/g, '$1: 2s\n');
}

/** The rule file of the release `eps` in the namespace `ops`. */
export async function renderRules(helm: Helm): Promise<string> {
  const names = ['eps', CHART, '--namespace', 'ops', '--set', 'fullnameOverride=eps'];
  const only = ['--set', 'metrics.renderMode=alwaysRender', '-s', 'templates/prometheusrule.yaml'];
  const rule = parse(await helm.succeed('template', ...names, ...only)) as { spec: unknown };
  return stringify(rule.spec);
}

/** The series that the expressions read, without `up`, which is Prometheus' own. */
export function alertedSeries(): readonly string[] {
  const mentioned = readAlerts().flatMap(({ expr }) => [...expr.matchAll(/(\w+)\{<selector>/g)]);
  return [...new Set(mentioned.map(([, name = '']) => name))].filter((name) => name !== 'up');
}

/** The runbook pages, one for each alert. */
export const RUNBOOKS = join(import.meta.dirname, '../../../docs/runbooks');
