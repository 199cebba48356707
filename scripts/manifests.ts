/**
 * `npm run manifests`: writes the generated files: the chart's schema of `config` from the code's schema, and from the
 * chart manifests/install.yaml, manifests/monitoring and the table in its README.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { NAMES_PAGE, renderNames } from '../test/support/pages/names-page.ts';
import { CHART_README, renderChartReadme } from '../test/support/chart/chart-readme.ts';
import { CHART_SCHEMA, renderChartSchema } from '../test/support/chart/chart-schema.ts';
import { INSTALL } from '../test/support/cluster/install.ts';
import { renderInstallation } from '../test/support/chart/render-chart.ts';
import {
  PLAIN_DASHBOARD,
  PLAIN_RULES,
  renderMonitoring,
} from '../test/support/chart/render-monitoring.ts';

const schema = renderChartSchema(await readFile(CHART_SCHEMA, 'utf8'));
await writePretty(CHART_SCHEMA, JSON.stringify(schema), 'json');
await writeFile(INSTALL, await renderInstallation());
const { rules, dashboard } = await renderMonitoring();
await writeFile(PLAIN_RULES, rules);
await writeFile(PLAIN_DASHBOARD, dashboard);
const readme = renderChartReadme(await readFile(CHART_README, 'utf8'));
await writePretty(CHART_README, readme, 'markdown');
await writePretty(NAMES_PAGE, renderNames(), 'markdown');

async function writePretty(file: string, text: string, parser: string): Promise<void> {
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), parser }));
}
