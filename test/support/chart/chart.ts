/** Reads the chart in this checkout for tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const CHART = fileURLToPath(new URL('../../../charts/ecr-pull-secrets', import.meta.url));

/** Relative paths of the value files in `ci/`. */
export function ciFiles(): readonly string[] {
  return readdirSync(join(CHART, 'ci'))
    .sort()
    .map((name) => join('ci', name));
}

/** A YAML file of the chart as plain data: its non-empty documents. */
export function readChartYaml(path: string): readonly unknown[] {
  const documents = parseAllDocuments(readFileSync(join(CHART, path), 'utf8'));
  return documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths of all leaves in nested mappings; an empty mapping is a leaf. */
export function leafPaths(value: unknown, path = ''): readonly string[] {
  if (!isMapping(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leafPaths(inner, path === '' ? key : `${path}.${key}`),
  );
}
