/** The wire to the real API server of a kubeconfig, over kept connections (client-node opens one for each call). */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { unlessAborted } from '../../base/deadline.ts';
import {
  ApiCredentials,
  clusterOf,
  type Credentials,
  isSameTls,
  type TlsMaterial,
} from './api-credentials.ts';
import { withStartHook } from './start-hook.ts';
import { type ConnectionPools, newConnectionPools } from './connection-pools.ts';
import type { Wire, WireNeeds, WireRequest, WireResponse } from './wire.ts';

interface KubeconfigWireOptions extends WireNeeds {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  /** Shared with other wires to the same server. Default: for this wire alone, without an environment for plugins. */
  readonly credentials?: ApiCredentials;
  /** The limit for reads, and the limit for writes; watches are not counted. */
  readonly connections?: number;
  readonly userAgent?: string;
}

interface Answer {
  readonly response: WireResponse;
  readonly discard: () => Promise<void>;
}

const READS = 16;
/** Enough for all that the controller may have in flight, so that no write waits for one that hangs. */
const WRITES = 200;

/**
 * Re-reads the credentials every 10 s and after a 401, which it then retries once. New TLS material gets new
 * connections, while the old ones finish their requests. The only proxy it uses is the kubeconfig's `proxy-url`, never
 * the environment's.
 */
export class KubeconfigWire implements Wire {
  readonly #origin: string;
  readonly #basePath: string;
  readonly #proxyUrl: string | undefined;
  readonly #connections: number | undefined;
  readonly #manyStreams: boolean;
  readonly #userAgent: string;
  readonly #credentials: ApiCredentials;
  #current: { readonly tls: TlsMaterial; readonly pools: ConnectionPools } | undefined;
  readonly #open = new Set<Dispatcher>();
  #closed = false;

  constructor(options: KubeconfigWireOptions) {
    const { kubeConfig, clock, connections, userAgent, manyStreams = false } = options;
    const cluster = clusterOf(kubeConfig);
    const server = new URL(cluster.server);
    this.#origin = server.origin;
    this.#basePath = server.pathname.replace(/\/+$/, '');
    // client-node reads an absent one from a file as null.
    this.#proxyUrl = cluster.proxyUrl ? cluster.proxyUrl : undefined;
    this.#connections = connections;
    this.#manyStreams = manyStreams;
    this.#userAgent = userAgent ?? 'ecr-pull-secrets';
    this.#credentials =
      options.credentials ?? new ApiCredentials(kubeConfig, { clock, environment: {} });
  }

  async send(request: WireRequest): Promise<WireResponse> {
    // A slow plugin must not block a caller that has given up.
    const credentials = await unlessAborted(this.#credentials.read(), request.signal);
    const first = await this.#attempt(request, credentials);
    if (first.response.status !== 401) return first.response;
    const renewed = await unlessAborted(this.#credentials.renew(credentials), request.signal);
    if (renewed === undefined) return first.response;
    await first.discard();
    return (await this.#attempt(request, renewed)).response;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#current = undefined;
    await Promise.all([...this.#open].map((pool) => pool.destroy()));
  }

  async #attempt(request: WireRequest, credentials: Credentials): Promise<Answer> {
    const pools = this.#poolsFor(credentials.tls);
    const pool = poolFor(request, pools);
    const { onStart } = request;
    const dispatcher = onStart === undefined ? pool : withStartHook(pool, onStart);
    const { statusCode, headers, body } = await dispatcher.request({
      origin: this.#origin,
      path: this.#basePath + request.path,
      method: request.method,
      headers: { 'user-agent': this.#userAgent, ...request.headers, ...credentials.headers },
      body: request.body ?? null,
      signal: request.signal,
    });
    const response = { status: statusCode, headers: flatten(headers), body };
    return { response, discard: () => body.dump() };
  }

  #poolsFor(tls: TlsMaterial): ConnectionPools {
    if (this.#closed) throw new Error('the wire is closed');
    const current = this.#current;
    if (current !== undefined && isSameTls(current.tls, tls)) return current.pools;
    const pools = newConnectionPools(tls, this.#proxyUrl, {
      reads: this.#connections ?? READS,
      writes: this.#connections ?? WRITES,
      manyStreams: this.#manyStreams,
    });
    this.#current = { tls, pools };
    for (const pool of Object.values<Dispatcher>({ ...pools })) this.#open.add(pool);
    if (current !== undefined) this.#retire(current.pools);
    return pools;
  }

  #retire(pools: ConnectionPools): void {
    for (const pool of Object.values<Dispatcher>({ ...pools })) {
      const forget = (): void => {
        this.#open.delete(pool);
      };
      pool.close().then(forget, forget);
    }
  }
}

function poolFor({ method, streaming }: WireRequest, pools: ConnectionPools): Dispatcher {
  if (streaming === true) return pools.streams;
  return method === 'GET' ? pools.reads : pools.writes;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
