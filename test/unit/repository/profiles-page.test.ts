import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { credentials } from '../../../src/config/credentials-schema.ts';
import { jsonSchemaOf } from '../../support/pages/json-schema.ts';
import { parseOk } from '../../support/values/config-text.ts';
import { blocksIn } from '../../support/pages/document-page.ts';

interface ChartValues {
  readonly config?: unknown;
}

const page = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');

/** The examples: configurations, and chart values, with or without a `config` section. */
const examples = blocksIn(page, 'yaml');
const HEALTHY = new Set(['healthy']);
const isOfChart = (text: string) => /^aws:/m.test(text);

describe('docs/profiles.md', () => {
  it('gives configurations that are free of faults', () => {
    const configs = [
      ...examples.filter((text) => !isOfChart(text)),
      ...examples.filter(isOfChart).map(configIn),
    ];

    expect(examples.some(isOfChart)).toBe(true);
    for (const config of configs) {
      const { profileFaults, settings } = parseOk(config);
      expect(profileFaults).toEqual([]);
      expect(new Set([...settings.profiles.values()].map(({ kind }) => kind))).toEqual(HEALTHY);
    }
  });

  it('names exactly the sources of credentials that exist', () => {
    const named = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, source]) => source);

    const { source } = jsonSchemaOf(credentials).properties ?? {};
    expect(new Set(named)).toEqual(new Set(source?.enum));
  });
});

function configIn(values: string): string {
  const { config = {} } = parse(values) as ChartValues;
  return stringify(config);
}
