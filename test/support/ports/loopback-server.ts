/** An HTTP(S) server on the loopback interface that counts its connections and gives the test's answers. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The common name of the client's certificate. */
  readonly clientName: string | undefined;
}

interface Tls {
  readonly cert: string;
  readonly key: string;
  /** Requires client certificates signed by this CA. */
  readonly clientCa?: string;
}

export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** The number of connections so far, and of those open now. */
  readonly connections: { readonly total: number; readonly open: number };
  /** Certificates for connections from now on. */
  setTls(tls: Tls): void;
  [Symbol.asyncDispose](): Promise<void>;
}

type Answer = (request: SeenRequest, response: Parameters<RequestListener>[1]) => void;

export interface LoopbackOptions {
  readonly tls?: Tls;
  readonly host?: '127.0.0.1' | '::1';
}

export async function startLoopbackServer(
  answer: Answer,
  options: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const { tls, host = '127.0.0.1' } = options;
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const connections = { total: 0, open: 0 };
  const listener: RequestListener = (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = seen(incoming, Buffer.concat(chunks).toString('utf8'));
      requests.push(request);
      answer(request, response);
    });
  };
  const server: Server | HttpsServer =
    tls === undefined ? createHttpServer(listener) : createHttpsServer(contextOf(tls), listener);
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    connections.total += 1;
    connections.open += 1;
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host === '::1' ? '[::1]' : host}:${String(port)}`,
    port,
    requests,
    connections,
    setTls: (next) => {
      (server as HttpsServer).setSecureContext(contextOf(next));
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function contextOf({ cert, key, clientCa }: Tls) {
  return {
    cert,
    key,
    ...(clientCa === undefined
      ? {}
      : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}

function seen({ method, url, headers, socket }: IncomingMessage, body: string): SeenRequest {
  const certificate = (socket as Partial<TLSSocket>).getPeerCertificate?.();
  const name = certificate?.subject?.CN;
  return {
    method: method ?? '',
    url: url ?? '',
    headers,
    body,
    clientName: Array.isArray(name) ? name[0] : name,
  };
}
