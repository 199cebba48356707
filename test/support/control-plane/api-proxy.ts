/** An HTTPS proxy in front of the real API server, for faults that the server doesn't produce on demand. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';

/** Uses the API server's certificate, so that a kubeconfig differs only in the address. */
export class ApiProxy {
  readonly #server: Server;
  readonly #target: string;
  readonly #agent: Agent;
  readonly #watches = new Set<OpenWatch>();
  readonly #held: Hold[] = [];
  readonly #requests: ProxiedRequest[] = [];
  #toExpire = 0;
  #cut = 0;

  private constructor(target: string, ca: string, identity: { key: string; cert: string }) {
    this.#target = target;
    this.#agent = new Agent({ ca, keepAlive: true });
    this.#server = createServer(identity, (incoming, outgoing) =>
      this.#forward(incoming, outgoing),
    );
  }

  static async start(controlPlane: ControlPlane): Promise<ApiProxy> {
    const certificates = join(controlPlane.dir, 'certificates');
    const [ca, cert, key] = await Promise.all([
      readFile(controlPlane.caFile, 'utf8'),
      readFile(join(certificates, 'apiserver.crt'), 'utf8'),
      readFile(join(certificates, 'apiserver.key'), 'utf8'),
    ]);
    const proxy = new ApiProxy(controlPlane.server, ca, { key, cert });
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** For `kubeconfigFor({…, server})`. */
  get server(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Watches ended by `cutWatches` so far. */
  get watchesCut(): number {
    return this.#cut;
  }

  /** For each watch that is open now, cuts the next frame in the middle of its line, and the connection. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.cutNext = true;
  }

  /** Answers the next `count` watch requests with an ERROR frame with code 410. */
  expireWatches(count: number): void {
    this.#toExpire += count;
  }

  /** Every request received, oldest first, whether or not it was forwarded. */
  get requests(): readonly ProxiedRequest[] {
    return [...this.#requests];
  }

  /** Delays the next matching request, as a slow network does, until it is released. */
  hold(matches: (request: ProxiedRequest) => boolean): HeldRequest {
    const arrived = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<number>();
    const hold: Hold = {
      matches,
      arrive: (goOn) => {
        hold.goOn = goOn;
        arrived.resolve();
      },
      answer: (status) => answered.resolve(status),
      goOn: () => {
        throw new Error('releasing a request that has not arrived');
      },
    };
    this.#held.push(hold);
    return {
      arrived: arrived.promise,
      release: () => {
        hold.goOn();
        return answered.promise;
      },
    };
  }

  /** Closes all connections at once, as a load balancer that goes down does. */
  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cutConnections();
    this.#agent.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { url = '/', method = 'GET' } = incoming;
    const request = { method, url };
    this.#requests.push(request);
    const at = this.#held.findIndex(({ matches }) => matches(request));
    const [hold] = at < 0 ? [] : this.#held.splice(at, 1);
    if (hold === undefined) this.#send(incoming, outgoing);
    else hold.arrive(() => this.#send(incoming, outgoing, hold.answer));
  }

  #send(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    onAnswer: (status: number) => void = () => undefined,
  ): void {
    const { url = '/', method = 'GET', headers } = incoming;
    // A single namespace is watched by the deprecated watch path.
    const isWatch = /[?&]watch=(?:true|1)\b|^\/api\/v1\/watch\//.test(url);
    if (isWatch && this.#toExpire > 0) {
      this.#toExpire -= 1;
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(`${JSON.stringify(EXPIRED)}\n`);
      return;
    }
    const options = { agent: this.#agent, method, headers };
    const onward = request(this.#target + url, options, (answer) => {
      const { statusCode = 502 } = answer;
      onAnswer(statusCode);
      outgoing.writeHead(statusCode, answer.headers);
      if (isWatch) this.#followWatch(answer, outgoing);
      else answer.pipe(outgoing);
    });
    // Whichever side disconnects first, the other sees a cut connection, as without the proxy.
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  #followWatch(answer: IncomingMessage, outgoing: ServerResponse): void {
    const watch: OpenWatch = { cutNext: false };
    this.#watches.add(watch);
    outgoing.flushHeaders();
    answer.on('data', (chunk: Buffer) => {
      if (!watch.cutNext) {
        outgoing.write(chunk);
        return;
      }
      this.#cut += 1;
      this.#watches.delete(watch);
      const half = chunk.subarray(0, Math.ceil(chunk.indexOf('\n') / 2));
      outgoing.write(half, () => outgoing.destroy());
      answer.destroy();
    });
    answer.on('end', () => outgoing.end());
    answer.on('error', () => outgoing.destroy());
    answer.on('close', () => this.#watches.delete(watch));
  }
}

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

export interface HeldRequest {
  readonly arrived: Promise<void>;
  /** Forwards the request to the API server; resolves with the status of the answer. */
  release(): Promise<number>;
}

interface Hold {
  readonly matches: (request: ProxiedRequest) => boolean;
  readonly arrive: (goOn: () => void) => void;
  readonly answer: (status: number) => void;
  goOn: () => void;
}

interface OpenWatch {
  cutNext: boolean;
}

const EXPIRED = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version: 1 (2)',
    reason: 'Expired',
    code: 410,
  },
};
