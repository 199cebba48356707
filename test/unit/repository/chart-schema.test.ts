/** The chart’s schema of `config` is generated from the code, and every Helm version can read it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isMapping } from '../../support/chart/chart.ts';
import { CHART_SCHEMA, renderChartSchema } from '../../support/chart/chart-schema.ts';

const text = readFileSync(CHART_SCHEMA, 'utf8');

/** All patterns, as values and as keys, with their descriptions and constants. */
function patternsIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(patternsIn);
  if (!isMapping(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'pattern' && typeof value === 'string' ? [value] : []),
    ...(key === 'patternProperties' && isMapping(value) ? Object.keys(value) : []),
    ...patternsIn(value),
  ]);
}

describe('values.schema.json of the chart', () => {
  it('has the `config` part that `npm run manifests` writes', () => {
    expect(JSON.parse(text)).toEqual(renderChartSchema(text));
  });

  it('gets a new `config` part, whatever it was before, and keeps the rest', () => {
    const { definitions, ...rest } = JSON.parse(text) as Readonly<Record<string, object>>;
    const stale = { ...rest, definitions: { ...definitions, config: {}, left: {} } };

    expect(renderChartSchema(JSON.stringify(stale))).toEqual(JSON.parse(text));
  });

  // RE2 has no lookahead, no back reference and no count over 1000, and writes flags as part of the pattern.
  it('has only patterns that RE2 accepts', () => {
    const patterns = patternsIn(JSON.parse(text));
    const isForeign = (pattern: string) =>
      /\(\?(?!:)|\\[1-9k]|\\[pPuc]/.test(pattern) ||
      [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, from, to]) =>
        [from, to].some((count) => Number(count ?? 0) > 1000),
      );

    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter(isForeign)).toEqual([]);
  });
});
