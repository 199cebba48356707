/** The simulated AWS over HTTP on loopback, for what finds it by `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AwsWire } from '../../aws/aws-wire.ts';

export interface AwsServer {
  /** `http://127.0.0.1:<port>`, or with `https`. */
  readonly url: string;
  readonly port: number;
  /** Cuts what is open, hanging requests included. */
  close(): Promise<void>;
}

/** A server's certificate and key, as PEM. */
interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** `port`: a free one unless given. `tls`: with it HTTPS is spoken. Rejects where it can't listen. */
export async function serveAwsOverHttp(wire: AwsWire, port = 0, tls?: Tls): Promise<AwsServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(wire, request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${taken}`,
    port: taken,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** No answer from the wire is no answer here: the connection breaks. */
async function serve(
  wire: AwsWire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  try {
    const { status, headers, body } = await wire.send({
      method: request.method ?? '',
      url: `http://${request.headers.host ?? ''}${request.url ?? ''}`,
      headers: textsOf(request.headers),
      body: await readAll(request),
      signal: leaving.signal,
    });
    response.writeHead(status, headers).end(body);
  } catch {
    response.destroy();
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

function textsOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]),
  );
}
