/** `npm run manifests`: renders from the chart what is kept beside it, manifests/install.yaml and the chart's README. */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { CHART_README, renderChartReadme } from '../test/support/chart/chart-readme.ts';
import { INSTALL } from '../test/support/cluster/install.ts';
import { renderInstallation } from '../test/support/chart/render-chart.ts';

await writeFile(INSTALL, await renderInstallation());
const readme = renderChartReadme(await readFile(CHART_README, 'utf8'));
const style = await resolveConfig(CHART_README);
await writeFile(CHART_README, await format(readme, { ...style, parser: 'markdown' }));
