/** The stored format of the `tokens` annotation: what a restart needs to know of the tokens in a Secret. */
import { parseInstant } from './times.ts';

/** One item per profile and region. */
export interface TokenRecord {
  readonly profile: string;
  /** The identity's hash. */
  readonly identity: string;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
}

const MAX_LENGTH = 64 * 1024;

/** Compact JSON in a fixed order, so that equal records give equal text. */
export function renderTokenRecords(records: readonly TokenRecord[]): string {
  return JSON.stringify(
    records
      .map(({ profile, identity, mintedAt, expiresAt }) => ({
        profile,
        identity,
        mintedAt: mintedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }))
      .sort((a, b) => compare(a.profile, b.profile) || compare(a.identity, b.identity)),
  );
}

/** Reads what `renderTokenRecords` wrote; anything else gives `undefined`, never an exception. */
export function parseTokenRecords(text: string | undefined): readonly TokenRecord[] | undefined {
  if (text === undefined || text.length > MAX_LENGTH) return undefined;
  const items = parseJson(text);
  if (!Array.isArray(items)) return undefined;
  const records = items.map(parseItem);
  return records.every((record) => record !== undefined) ? records : undefined;
}

function parseItem(item: unknown): TokenRecord | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { profile, identity, mintedAt, expiresAt } = item as Record<string, unknown>;
  if (typeof profile !== 'string' || typeof identity !== 'string') return undefined;
  const minted = parseInstant(mintedAt);
  const expires = parseInstant(expiresAt);
  if (minted === undefined || expires === undefined) return undefined;
  return { profile, identity, mintedAt: minted, expiresAt: expires };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
