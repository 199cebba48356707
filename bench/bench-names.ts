/** Names that the benchmarks share with the controller's defaults. */

export const PULL_SECRET = 'ecr-pull-secret';

export const OPT_IN: Readonly<Record<string, string>> = { 'ecr-pull-secrets.io/enabled': 'true' };

/** `prefix-0000` and so on. */
export function namesOf(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
}
