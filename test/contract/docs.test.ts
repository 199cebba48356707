import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { roleSchema } from '../../src/config/credentials-schema.ts';
import { profileSchema } from '../../src/config/profile-schema.ts';
import { fileSchema } from '../../src/config/schema.ts';
import {
  RECONCILE_OUTCOMES,
  TOKEN_RESULTS,
  WATCHED_RESOURCES,
} from '../../src/telemetry/metric-names.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { SECRET_STATES } from '../../src/domain/cluster-state.ts';
import { parseOk } from '../support/config-text.ts';
import { type JsonSchema, jsonSchemaOf } from '../support/json-schema.ts';
import { FakeClock } from '../support/fake-clock.ts';

const page = readFileSync(new URL('../../docs/reference.md', import.meta.url), 'utf8');

/** The text between this heading and the next of its level. */
function sectionOf(heading: string): string {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`no section ${heading}`);
  return section;
}

/** Rows of the section's tables, as the texts in backticks of their cells. */
function rowsOf(heading: string): readonly (readonly (readonly string[])[])[] {
  return sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1).map(inBackticks));
}

function inBackticks(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, inside = '']) => inside);
}

/** Paths of all keys that hold a value; what is inside lists is not looked at. */
function keysOf(schema: JsonSchema, path: string): readonly string[] {
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, inner]) =>
    keysOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

describe('the section Configuration of docs/reference.md', () => {
  it('names every key of the schema and no other', () => {
    const file = keysOf(jsonSchemaOf(fileSchema(() => true)), '').filter(
      (key) => key !== 'profiles',
    );
    const profile = keysOf(jsonSchemaOf(profileSchema), 'profiles.<name>').flatMap((key) =>
      // Its schema takes a mapping or a list of them.
      key === 'profiles.<name>.assumeRole' ? keysOf(jsonSchemaOf(roleSchema), key) : [key],
    );

    const documented = rowsOf('Configuration').map(([key]) => key?.[0]);

    expect(documented).toHaveLength(new Set(documented).size);
    expect(new Set(documented)).toEqual(new Set([...file, ...profile]));
  });

  it('gives the defaults that hold, and an example that is free of faults', () => {
    const [defaults = '', example = ''] = [
      ...sectionOf('Configuration').matchAll(/```yaml\n([^]*?)```/g),
    ].map(([, text]) => text);

    expect(parseOk(defaults)).toEqual(parseOk(''));
    expect(parseOk(example).profileFaults).toEqual([]);
    expect([...parseOk(example).settings.profiles.keys()]).toEqual(['default', 'team-a']);
  });
});

describe('the section Metrics of docs/reference.md', () => {
  it('names every series with its labels and no other', () => {
    const series = new Metrics({ version: '0', clock: new FakeClock() })
      .series()
      .filter(({ name }) => !/^(?:process|nodejs)_/.test(name));

    const documented = rowsOf('Metrics').map(([name, labels]) => ({ name: name?.[0], labels }));

    expect(new Map(documented.map(({ name, labels }) => [name, labels]))).toEqual(
      new Map(series.map(({ name, labels }) => [name, labels])),
    );
  });

  it.each([
    ['ecr_pull_secret_token_requests_total', TOKEN_RESULTS],
    ['ecr_pull_secret_reconcile_total', RECONCILE_OUTCOMES],
    ['ecr_pull_secret_managed_secrets', SECRET_STATES],
    ['ecr_pull_secret_informer_synced', WATCHED_RESOURCES],
  ])('lists the values that a label of %s has', (metric, values) => {
    const row = rowsOf('Metrics').find(([name]) => name?.[0] === metric);

    expect(row?.[2]).toEqual(expect.arrayContaining([...values]));
  });
});
