/** The stored format of the `tokens` annotation: what a restart needs to know about the tokens in a Secret. */
import { parseInstant } from '../times.ts';
import { MAX_HOSTS } from './secret-size.ts';

/** One item per profile and identity. */
export interface TokenRecord {
  readonly profile: string;
  /** The identity's hash. */
  readonly identity: string;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  /** The hosts whose `auth` in the Secret is this token, also when its profile is no longer in the configuration. */
  readonly registries: readonly string[];
}

const MAX_LENGTH = 64 * 1024;

/** Compact JSON in a fixed order, so that equal records give equal text. */
export function renderTokenRecords(records: readonly TokenRecord[]): string {
  return JSON.stringify(
    records
      .map(({ profile, identity, mintedAt, expiresAt, registries }) => ({
        profile,
        identity,
        mintedAt: mintedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        registries: [...registries].sort(),
      }))
      .sort((a, b) => compare(a.profile, b.profile) || compare(a.identity, b.identity)),
  );
}

/** Reads what `renderTokenRecords` wrote; anything else gives `undefined`, never an exception. */
export function parseTokenRecords(text: string | undefined): readonly TokenRecord[] | undefined {
  if (text === undefined || text.length > MAX_LENGTH) return undefined;
  const items = parseJson(text);
  // Each has a host at least. What is parsed stays in memory.
  if (!Array.isArray(items) || items.length > MAX_HOSTS) return undefined;
  const records = items.map(parseItem);
  return records.every((record) => record !== undefined) ? records : undefined;
}

function parseItem(item: unknown): TokenRecord | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { profile, identity, mintedAt, expiresAt, registries } = item as Record<string, unknown>;
  if (typeof profile !== 'string' || typeof identity !== 'string') return undefined;
  if (!isHostList(registries)) return undefined;
  const minted = parseInstant(mintedAt);
  const expires = parseInstant(expiresAt);
  if (minted === undefined || expires === undefined) return undefined;
  return { profile, identity, mintedAt: minted, expiresAt: expires, registries };
}

function isHostList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_HOSTS &&
    value.every((host) => typeof host === 'string')
  );
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
