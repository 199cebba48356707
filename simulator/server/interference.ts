/** Somebody else, who is just a moment faster than a client. */
import { ApiFailure } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import type { ApiServer } from './api-server.ts';

const ANNOTATION = 'simulator.invalid/written-in-between';

/** Gives the object of this request a new version, by an annotation; does nothing where there is no such object. */
export function writeInBetween(server: ApiServer, request: ApiRequest): void {
  if (request.name === undefined) return;
  const before = currentVersion(server, request);
  if (before === undefined) return;
  server.answer({
    ...request,
    user: 'admin',
    verb: 'patch',
    query: new URLSearchParams(),
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ metadata: { annotations: { [ANNOTATION]: before } } }),
    manager: 'somebody-else',
  });
}

function currentVersion(server: ApiServer, request: ApiRequest): string | undefined {
  try {
    const query = new URLSearchParams();
    const { body } = server.answer({ ...request, user: 'admin', verb: 'get', query });
    return (body as { readonly metadata: { readonly resourceVersion: string } }).metadata
      .resourceVersion;
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 404) return undefined;
    throw error;
  }
}
