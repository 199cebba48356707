/** How long the runs of minutes take: in full, or as much of each as every change can afford. */

/** `npm run acceptance:short`. */
export const isShort = process.env['ACCEPTANCE_LENGTH'] === 'short';

/** Says a figure of a run where jest shows it at once and in one line. */
export function sayFigures(run: string, figures: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stderr.write(`${run}: ${parts.join(', ')}\n`);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
