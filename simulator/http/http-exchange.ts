/** One request over HTTP, passed to a wire, and the wire's answer passed back: a broken wire breaks the connection. */
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

/** Never rejects. A client that goes ends the request, and a watch with it. */
export async function answerOver(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort(new ConnectionCut('the client has gone')));
  try {
    const { status, headers, body } = await wire.send(await readRequest(request, leaving.signal));
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    response.writeHead(status);
    // A watch without events has a head, too.
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
    // Answered as the caller it would be a lie.
    throw new Error(
      'the simulator knows no impersonation (--as): take the kubeconfig of that user',
    );
  }
  const wireRequest = { method, path: request.url ?? '', headers, signal };
  if (bytes.length === 0) return wireRequest;
  if (headers['content-type'] !== PROTOBUF) return { ...wireRequest, body: bytes.toString() };
  const body = JSON.stringify(decodeProtobuf(bytes));
  return { ...wireRequest, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** What the simulator throws for what it has not is told to the client too: it is a person, mostly. */
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
