/** How long the runs that take minutes last: in full, or short enough for every change. */

/** `npm run acceptance:short`. */
export const isShort = process.env['ACCEPTANCE_LENGTH'] === 'short';

/** Prints the figures of a run at once and in one line. */
export function printFigures(
  run: string,
  figures: Readonly<Record<string, string | number>>,
): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stderr.write(`${run}: ${parts.join(', ')}\n`);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
