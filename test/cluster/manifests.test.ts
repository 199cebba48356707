/** What is rendered from the chart and kept in the repository is what the chart renders now. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { INSTALL } from '../support/install.ts';
import { renderInstallation } from '../support/render-chart.ts';

describe('manifests/install.yaml', () => {
  it('is what `npm run manifests` renders', async () => {
    expect(await readFile(INSTALL, 'utf8')).toBe(await renderInstallation());
  });
});
