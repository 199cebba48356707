/** Passes one HTTP request to a wire and its answer back. A broken wire breaks the connection. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Wire, WireRequest } from '../../src/kubernetes/wire/wire.ts';
import { ApiFailure } from '../objects/api-failure.ts';
import { ConnectionCut } from '../ground/connection-cut.ts';
import { decodeProtobuf, PROTOBUF } from './protobuf-body.ts';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

export function answerUnauthorized(response: ServerResponse): void {
  answer(response, new ApiFailure(401, { message: 'Unauthorized', reason: 'Unauthorized' }));
}

/** Never rejects. When the client disconnects, the request or watch ends. */
export async function answerOver(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort(new ConnectionCut('the client disconnected')));
  try {
    const { status, headers, body } = await wire.send(await readRequest(request, leaving.signal));
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    response.writeHead(status);
    // Sends the head of a watch before its first event.
    response.flushHeaders();
    await pipeline(Readable.from(body), response);
  } catch (error) {
    const isRefusal = error instanceof ApiFailure || !(error instanceof ConnectionCut);
    if (isRefusal && !response.headersSent && !leaving.signal.aborted) answer(response, error);
    else response.destroy();
  }
}

async function readRequest(request: IncomingMessage, signal: AbortSignal): Promise<WireRequest> {
  const method = METHODS.find((known) => known === request.method);
  if (method === undefined) throw methodNotAllowed();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')]),
  );
  if (headers['impersonate-user'] !== undefined) {
    // An answer with the caller's own permissions would be wrong.
    throw new Error(
      'the simulator does not support impersonation (--as): use the kubeconfig of that user',
    );
  }
  const wireRequest = { method, path: request.url ?? '', headers, signal };
  if (bytes.length === 0) return wireRequest;
  if (headers['content-type'] !== PROTOBUF) return { ...wireRequest, body: bytes.toString() };
  const body = JSON.stringify(decodeProtobuf(bytes));
  return { ...wireRequest, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** The client also gets the error for what the simulator does not support: it is usually a person. */
function answer(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const failure =
    error instanceof ApiFailure
      ? error
      : new ApiFailure(501, { message, reason: 'NotImplemented' });
  response.writeHead(failure.code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(failure.status())}\n`);
}

function methodNotAllowed(): ApiFailure {
  const message = 'the server does not allow this method on the requested resource';
  return new ApiFailure(405, { message, reason: 'MethodNotAllowed', details: {} });
}
