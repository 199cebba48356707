/** A corporate proxy on loopback: CONNECT for TLS, absolute URLs for plain HTTP. Every host name leads to one server. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** `hang`: no answer. `cut`: the connection breaks. A number: that status, and no tunnel. */
type ProxyAnswer = 'open' | 'hang' | 'cut' | number;

interface ProxyOptions {
  /** The port that every tunnel leads to, whatever host was requested. */
  readonly port: number;
  /** `user:password`; clients without it get 407. */
  readonly credentials?: string;
}

export class ConnectProxy {
  /** `host:port` of every CONNECT, allowed or not. */
  readonly tunnels: string[] = [];
  /** URLs of plain requests. */
  readonly plain: string[] = [];
  answer: ProxyAnswer = 'open';
  readonly #options: ProxyOptions;
  readonly #server = createServer();
  readonly #sockets = new Set<Duplex>();

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
      this.tunnels.push(request.url ?? '');
      this.#connect(request, client, head);
    });
    this.#server.on('request', (request, response) => {
      this.plain.push(request.url ?? '');
      response.writeHead(this.#statusFor(request) ?? 502).end();
    });
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  static async start(options: ProxyOptions): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(options);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** For `HTTPS_PROXY`, with the given user and password. */
  url(credentials?: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`;
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #connect(request: IncomingMessage, client: Duplex, head: Buffer): void {
    if (this.answer === 'hang') return;
    const status = this.#statusFor(request);
    if (this.answer === 'cut') client.destroy();
    else if (status !== undefined) client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    else {
      const server = connect(this.#options.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      this.#keep(server);
      server.on('close', () => client.destroy());
      client.on('close', () => server.destroy());
    }
  }

  #statusFor({ headers }: IncomingMessage): number | undefined {
    if (typeof this.answer === 'number') return this.answer;
    const { credentials } = this.#options;
    const isKnown =
      credentials === undefined || headers['proxy-authorization'] === `Basic ${btoa(credentials)}`;
    return isKnown ? undefined : 407;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
