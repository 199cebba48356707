/** The results of benchmarks, and the table that prints them. */

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** Missing if there is none. */
  readonly target?: string;
  readonly met?: boolean;
}

/** One row per figure, in columns. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'measured', 'target', 'met'],
    ...figures.map(({ name, value, target, met }) => [name, value, target ?? '', wordFor(met)]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...body] = lines;
  return [head, '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...body].join('\n');
}

/** A figure with an upper limit; `unit` follows both numbers. */
export function atMost(name: string, value: number, limit: number, unit: string): Figure {
  const text = (number: number): string => `${round(number)}${unit === '' ? '' : ` ${unit}`}`;
  return { name, value: text(value), target: `<= ${text(limit)}`, met: value <= limit };
}

export function plain(name: string, value: number, unit: string): Figure {
  return { name, value: `${round(value)} ${unit}`.trimEnd() };
}

function wordFor(met: boolean | undefined): string {
  if (met === undefined) return '';
  return met ? 'yes' : 'NO';
}

function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}
