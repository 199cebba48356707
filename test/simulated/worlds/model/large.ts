/** Objects that are too large to be read: what people make of them, and how the checks recognize them. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';

/** Of more than 512 KiB. */
const LONG_NAME = 'x'.repeat(600_000);
/** More than 16 KiB together. */
const LABELS = Array.from({ length: 140 }, (_, n) => `large-${n}`.padEnd(63, 'x'));

export const LARGE_LIST = { imagePullSecrets: [{ name: LONG_NAME }] };
export const SMALL_LIST = { imagePullSecrets: [] };

/** `null` removes them. */
export function largeLabels(value: string | null): Readonly<Record<string, unknown>> {
  return { metadata: { labels: Object.fromEntries(LABELS.map((label) => [label, value])) } };
}

export function isLargeAccount(account: ApiObject): boolean {
  const entries = (account['imagePullSecrets'] ?? []) as readonly { readonly name?: string }[];
  return entries.some(({ name }) => name === LONG_NAME);
}

export function isLargeNamespace({ metadata }: ApiObject): boolean {
  return LABELS[0] !== undefined && metadata.labels?.[LABELS[0]] !== undefined;
}
