/**
 * A small HTTP server for probes and metrics: fixed paths, GET and HEAD only, one request per connection. It never reads
 * a request body.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { listen } from './listen.ts';
import type { ListenAddress } from './listen-address.ts';
import { OpenConnections } from './open-connections.ts';

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Route = (query: URLSearchParams) => Page | Promise<Page>;

export interface HttpServerDeps {
  readonly routes: ReadonlyMap<string, Route>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long open answers may still take once the server stops. */
const STOP_GRACE_MS = 500;
/** Probes and scrapers send a tenth of it. */
const MAX_HEADER_SIZE = 8192;
const MAX_HEADERS = 50;
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};
const TEXT = 'text/plain; charset=utf-8';

export class HttpServer {
  readonly #deps: HttpServerDeps;
  readonly #server: Server;

  constructor(deps: HttpServerDeps) {
    this.#deps = deps;
    const connections = new OpenConnections(deps.clock, deps.log);
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_SIZE }, (request, response) => {
      connections.requestArrived(request.socket);
      void this.#serve(request, response);
    });
    this.#server.on('connection', (socket) => connections.add(socket));
    this.#server.maxHeadersCount = MAX_HEADERS;
    // Of many requests sent at once, only the first one runs.
    this.#server.maxRequestsPerSocket = 1;
  }

  /** Returns the port. Throws a `StalledError` with the fix if it can't listen on the address. */
  async start(address: ListenAddress): Promise<number> {
    const port = await listen(this.#server, address);
    // Later errors, such as a lack of file descriptors, are temporary; without a listener they would end the process.
    this.#server.on('error', (err) => this.#deps.log.warn({ err }, 'http server failed'));
    return port;
  }

  /** Stops within a second, no matter how many clients keep their connections open. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const cancel = this.#deps.clock.after(STOP_GRACE_MS, () => this.#server.closeAllConnections());
    await closed;
    cancel();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.#answer(request);
    const isBodyExpected = request.method !== 'HEAD';
    response.writeHead(page.status, {
      ...HEADERS,
      'content-type': page.contentType,
      'content-length': Buffer.byteLength(page.body),
      ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
    });
    response.end(isBodyExpected ? page.body : undefined);
  }

  async #answer({ method, url = '/' }: IncomingMessage): Promise<Page> {
    const [path = '/', query = ''] = url.split('?', 2);
    const route = this.#deps.routes.get(path);
    if (route === undefined) return text(404, 'not found\n');
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'method not allowed\n');
    try {
      return await route(new URLSearchParams(query));
    } catch (err) {
      this.#deps.log.error({ path, err }, 'http response failed');
      return text(500, 'internal error\n');
    }
  }
}

export function text(status: number, body: string): Page {
  return { status, contentType: TEXT, body };
}
