/** Continue tokens of paged lists: the version that the list is pinned to, and the last key returned. */
import { badRequest } from '../objects/api-failure.ts';

export interface ContinueToken {
  /** −1: the current state, for a client that accepts an inconsistent list. */
  readonly revision: number;
  readonly lastKey: string;
}

export function renderContinueToken({ revision, lastKey }: ContinueToken): string {
  const content = { v: 'meta.k8s.io/v1', rv: revision, start: lastKey };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Throws a 400 for a token that the server did not issue. */
export function parseContinueToken(text: string): ContinueToken {
  try {
    const content = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
      rv?: unknown;
      start?: unknown;
    };
    if (typeof content.rv === 'number' && typeof content.start === 'string') {
      return { revision: content.rv, lastKey: content.start };
    }
  } catch {
    // Falls through: not one of our tokens.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
