/** Simulates another writer who is just ahead of the client. */
import { ApiFailure } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import type { ApiServer } from './api-server.ts';

const ANNOTATION = 'simulator.invalid/written-in-between';

/** Changes the version of the request's object by setting an annotation; does nothing if the object does not exist. */
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
