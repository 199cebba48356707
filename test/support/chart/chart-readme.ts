/** Renders the table of values in the chart's README from the comments in values.yaml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART, isMapping } from './chart.ts';

export const CHART_README = join(CHART, 'README.md');

const [BEGIN, END] = ['<!-- values: begin -->', '<!-- values: end -->'];

interface Row {
  readonly path: readonly string[];
  readonly description: string;
}

/** The README with its table regenerated. Throws an Error for a value that no comment describes. */
export function renderChartReadme(readme: string): string {
  const [head, rest] = readme.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) {
    throw new Error(`no ${BEGIN} … ${END} in the README`);
  }
  return `${head}${BEGIN}\n\n${renderTable()}\n\n${END}${tail}`;
}

function renderTable(): string {
  const text = readFileSync(join(CHART, 'values.yaml'), 'utf8');
  const values = parse(text) as unknown;
  const rows = readRows(text).map(({ path, description }) => {
    const value = JSON.stringify(valueAt(values, path)).replaceAll('|', '\\|');
    return `| \`${path.join('.')}\` | \`${value}\` | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| Value | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Keys with a comment `# -- …` above them; nested keys without one are part of their parent's default. */
function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let path: readonly string[] = [];
  let description: string | undefined;
  for (const line of text.split('\n')) {
    const comment = /^ *# -- (.*)$/.exec(line)?.[1];
    const [, indent = '', key] = /^( *)([\w-]+):/.exec(line) ?? [];
    if (key !== undefined) {
      path = [...path.slice(0, indent.length / 2), key];
      const isCovered = description !== undefined || isInside(path, rows) || line.endsWith(':');
      if (!isCovered) throw new Error(`no comment on ${path.join('.')}`);
      if (description !== undefined) rows.push({ path, description });
    }
    description = comment;
  }
  return rows;
}

function isInside(path: readonly string[], rows: readonly Row[]): boolean {
  return rows.some((row) => row.path.every((key, index) => path[index] === key));
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => (isMapping(value) ? value[key] : undefined), values);
}
