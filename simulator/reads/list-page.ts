/** Decides which part of which state a LIST returns: `resourceVersion`, `resourceVersionMatch`, `limit`, `continue`. */
import {
  badRequest,
  expired,
  invalid,
  versionTooLarge,
  type ApiFailure,
} from '../objects/api-failure.ts';
import { parseContinueToken, renderContinueToken } from './continue-token.ts';
import type { Store } from '../objects/store.ts';

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

/** What the server takes for the newest state: the store's, or an older one under a `stale` fault. */
export interface Present {
  readonly store: Store;
  readonly revision: number;
}

export interface Page {
  readonly revision: number;
  /** The last key of the previous page. */
  readonly after: string;
  readonly limit: number;
}

/** Throws a real server's answer to options that conflict, or to a version that it does not have. */
export function pageOf(query: URLSearchParams, present: Present): Page {
  const limit = Number(query.get('limit') ?? 0) || Infinity;
  const token = query.get('continue') ?? '';
  if (token === '') return firstPage(query, present, limit);
  if (!query.has('resourceVersion')) return { ...continuedPage(token, present), limit };
  throw badRequest('specifying resource version is not allowed when using continue');
}

function firstPage(query: URLSearchParams, present: Present, limit: number): Page {
  const newest = { revision: present.revision, after: '', limit };
  const asked = parseVersion(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch');
  refuseUnknownMatch(match);
  if (asked === undefined) {
    if (match === null) return newest;
    throw invalidListOptions(
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (asked === 0 && match === 'Exact') {
    throw invalidListOptions('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (asked > present.revision) throw versionTooLarge(asked, present.revision);
  // The watch cache ignores the limit of a list at version 0.
  if (asked === 0) return { ...newest, limit: Infinity };
  const isExact = match === 'Exact' || (match === null && limit !== Infinity);
  return isExact ? { ...newest, revision: exactly(asked, present) } : newest;
}

function refuseUnknownMatch(match: string | null): void {
  if (match === null || match === '' || match === 'Exact' || match === 'NotOlderThan') return;
  const message = `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`;
  const cause = { reason: 'FieldValueNotSupported', message, field: 'resourceVersionMatch' };
  throw invalid('ListOptions', '', [cause], 'meta.k8s.io');
}

function exactly(asked: number, { store }: Present): number {
  if (asked >= store.compactedRevision) return asked;
  throw expired('The resourceVersion for the provided list is too old.');
}

function continuedPage(text: string, { store, revision }: Present): Omit<Page, 'limit'> {
  const token = parseContinueToken(text);
  if (token.revision === -1) return { revision, after: token.lastKey };
  if (token.revision < store.compactedRevision) {
    throw expired(CONTINUE_EXPIRED, renderContinueToken({ revision: -1, lastKey: token.lastKey }));
  }
  return { revision: token.revision, after: token.lastKey };
}

/** Digits only; `undefined` if there are none. Throws a 400 for anything else. */
export function parseVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}`,
  );
}

export function invalidListOptions(why: string): ApiFailure {
  const cause = {
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${why}`,
    field: 'resourceVersionMatch',
  };
  return invalid('ListOptions', '', [cause], 'meta.k8s.io');
}
