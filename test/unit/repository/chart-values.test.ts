/** Every value of the chart has a description, a schema with the controller’s keys, and a test that sets it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import { profileSchema } from '../../../src/config/profile-schema.ts';
import { fileSchema } from '../../../src/config/schema.ts';
import { readAlerts } from '../../support/chart/alerts.ts';
import { CHART, ciFiles, isMapping, leafPaths, readChartYaml } from '../../support/chart/chart.ts';
import { jsonSchemaOf } from '../../support/pages/json-schema.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const root = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
const values = readChartYaml('values.yaml')[0];

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/definitions/', '');
  return name === undefined ? schema : (root.definitions?.[name] ?? {});
}

/** The schema at a path, through mappings only. */
function schemaAt(path: string): Schema | undefined {
  return path
    .split('.')
    .reduce<Schema | undefined>(
      (schema, key) => (schema === undefined ? undefined : resolve(schema).properties?.[key]),
      root,
    );
}

/** The mappings with named keys: `parent: keys`. */
function keysOf(schema: Schema, path = ''): readonly string[] {
  const { properties } = resolve(schema);
  if (properties === undefined) return [];
  return [
    `${path}: ${Object.keys(properties).sort().join(' ')}`,
    ...Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`)),
  ];
}

/** Whether a template uses it. */
function isUsed(key: string): boolean {
  const templates = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' });
  return templates
    .filter((name) => /\.(?:yaml|tpl|txt)$/.test(name))
    .some((name) =>
      new RegExp(`\\.Values\\.${key}\\b`).test(
        readFileSync(join(CHART, 'templates', name), 'utf8'),
      ),
    );
}

/** The values that a helm-unittest suite or a file in ci/ sets. */
function setPaths(): readonly string[] {
  const inSuites = readdirSync(join(CHART, 'tests'))
    .filter((name) => name.endsWith('_test.yaml'))
    .flatMap((name) => readChartYaml(join('tests', name)))
    .flatMap((suite) => (isMapping(suite) ? [suite['set'], ...setsOf(suite['tests'])] : []));
  const inFiles = ciFiles().flatMap((file) => readChartYaml(file));
  return [...inSuites, ...inFiles].filter(isMapping).flatMap((set) => leafPaths(set));
}

function setsOf(tests: unknown): readonly unknown[] {
  return Array.isArray(tests)
    ? tests.map((test) => (isMapping(test) ? test['set'] : undefined))
    : [];
}

describe('values.yaml of the chart', () => {
  it('has no value that neither a suite nor a file in ci/ sets', () => {
    const set = setPaths();
    const isSet = (path: string) =>
      set.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`));

    const used = leafPaths(values).filter((path) => isUsed(path.split('.')[0] ?? ''));
    expect(used.filter((path) => !isSet(path))).toEqual([]);
    expect(leafPaths(values).length).toBeGreaterThan(90);
  });

  it('has no value without a schema', () => {
    expect(leafPaths(values).filter((path) => !isKnown(path))).toEqual([]);
  });

  it('has a comment on every value that is not part of another', () => {
    const lines = readFileSync(join(CHART, 'values.yaml'), 'utf8').split('\n');
    const bare = lines.filter(
      (line, index) => /^\w+: *\S/.test(line) && lines[index - 1]?.startsWith('# -- ') !== true,
    );

    expect(bare).toEqual([]);
  });

  it('can be read with its comments', () => {
    expect(parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8')).errors).toEqual([]);
  });
});

/** Inside a free mapping, such as `resources`, anything is allowed. */
function isKnown(path: string): boolean {
  const parts = path.split('.');
  return parts.some((_, index) => {
    const schema = schemaAt(parts.slice(0, parts.length - index).join('.'));
    if (schema === undefined) return false;
    return index === 0 || (resolve(schema).type === 'object' && !('properties' in resolve(schema)));
  });
}

describe('values.schema.json of the chart', () => {
  it('refuses unknown keys wherever it names the known ones', () => {
    const open: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (Array.isArray(schema)) schema.forEach((one, index) => visit(one, `${path}[${index}]`));
      if (!isMapping(schema)) return;
      if (schema['type'] === 'object' && 'properties' in schema) {
        const rest = schema['additionalProperties'];
        if (rest !== false && !isMapping(rest)) open.push(path);
      }
      for (const [key, inner] of Object.entries(schema)) visit(inner, `${path}.${key}`);
    };

    visit(root, '');
    expect(open).toEqual([]);
  });

  it('lists the alerts that can be disabled', () => {
    const disabled = schemaAt('metrics.prometheusRule.disabledAlerts');

    expect(disabled?.items?.enum).toEqual([...new Set(readAlerts().map(({ alert }) => alert))]);
  });

  it('has exactly the configuration keys that the controller knows', () => {
    const file = keysOf(jsonSchemaOf(fileSchema(() => true)));
    const profile = keysOf(jsonSchemaOf(profileSchema));

    expect(
      keysOf({ $ref: '#/definitions/config' }).filter((line) => !line.startsWith('.profiles')),
    ).toEqual(file);
    expect(keysOf({ $ref: '#/definitions/profile' })).toEqual(profile);
  });
});
