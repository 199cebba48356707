/** The chart's rules and dashboard as plain files, for a Prometheus without the operator and a Grafana without the sidecar. */
import { parse, stringify } from 'yaml';
import { renderChart } from './render-chart.ts';

export const PLAIN_RULES = new URL('../../../manifests/monitoring/rules.yaml', import.meta.url);
export const PLAIN_DASHBOARD = new URL(
  '../../../manifests/monitoring/dashboard.json',
  import.meta.url,
);

const HEAD = `# The alerts for a Prometheus without the operator: list this file in \`rule_files\`. Rendered from
# charts/ecr-pull-secrets by \`npm run manifests\`: don't edit. The series must have the labels namespace="ecr-pull-secrets"
# and job="ecr-pull-secrets", and a label \`pod\` for each replica.
`;

export interface PlainMonitoring {
  readonly rules: string;
  readonly dashboard: string;
}

/** Those of the installation of manifests/install.yaml. */
export async function renderMonitoring(): Promise<PlainMonitoring> {
  const metrics = { renderMode: 'alwaysRender', dashboard: { enabled: true } };
  const objects = await renderChart({ metrics });
  const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
  const map = objects.find(({ metadata }) => metadata.name.endsWith('-dashboard'));
  const [dashboard = ''] = Object.values((map?.['data'] ?? {}) as Record<string, string>);
  return { rules: `${HEAD}${stringify(rule?.['spec'])}`, dashboard: `${dashboard.trimEnd()}\n` };
}

/** The names of the alerts in a rule file, each once. */
export function alertsIn(rules: string): readonly string[] {
  const { groups } = parse(rules) as {
    readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
  };
  return [...new Set(groups.flatMap((group) => group.rules.map(({ alert }) => alert)))];
}
