/** The chart's dashboard as Grafana receives it. */
import { parse } from 'yaml';
import { CHART } from './chart.ts';
import type { Helm } from '../tools/helm.ts';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
}

export async function renderDashboard(helm: Helm): Promise<Dashboard> {
  const only = ['--set', 'metrics.dashboard.enabled=true', '-s', 'templates/dashboard.yaml'];
  const text = await helm.succeed('template', 'eps', CHART, '--namespace', 'ops', ...only);
  const { data } = parse(text) as { readonly data: Readonly<Record<string, string>> };
  return JSON.parse(Object.values(data)[0] ?? '') as Dashboard;
}

/** A query as Grafana sends it for one hour with all variables set to "all". */
export function asSent(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');
}
