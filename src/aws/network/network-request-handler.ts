/** Sends the SDK's requests over the network: through the proxy where there is one, with the CA that is in force now. */
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
// Not by name: a Node that is too old to have it would fail before it can say that it is.
import tls from 'node:tls';
import type { AwsTimeouts } from './aws-connection.ts';
import type { AwsNetwork } from './aws-network.ts';
import { SourceError } from '../errors/failures.ts';
import type { SdkOptions, SdkRequest } from './sdk-handler.ts';

interface Ways {
  /** The extra authorities that they trust, as PEM. */
  readonly ca: string | undefined;
  readonly direct: NodeHttpHandler;
  readonly proxied: NodeHttpHandler;
}

export class NetworkRequestHandler {
  readonly #network: AwsNetwork;
  readonly #timeouts: AwsTimeouts;
  #ways: Ways | undefined;

  constructor(network: AwsNetwork, timeouts: AwsTimeouts) {
    this.#network = network;
    this.#timeouts = timeouts;
  }

  /** Rejects as the SDK's own handler does, or with a `SourceError` where the proxy is to blame. */
  async handle(request: SdkRequest, options: SdkOptions = {}) {
    const { direct, proxied } = await this.#current();
    if (!this.#isProxied(request)) return direct.handle(request, options);
    try {
      const result = await proxied.handle(request, options);
      if (result.response.statusCode === 407) throw proxyRefusal(407);
      return result;
    } catch (error) {
      throw proxyFailureOf(error) ?? error;
    }
  }

  /** The SDK's hooks for handlers whose options it may change; ours are given. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  /** Ends what is open. Requests may still come, with new connections. */
  destroy(): void {
    this.#ways?.direct.destroy();
    this.#ways?.proxied.destroy();
    this.#ways = undefined;
  }

  async #current(): Promise<Ways> {
    const ca = await this.#network.caBundle?.current();
    // Requests under way keep the connections that they have.
    if (this.#ways?.ca !== ca || this.#ways === undefined) this.#ways = this.#open(ca);
    return this.#ways;
  }

  #open(ca: string | undefined): Ways {
    const { httpsProxy, httpProxy } = this.#network;
    const https = { HTTPS_PROXY: httpsProxy?.url.reveal() };
    const http = { HTTP_PROXY: httpProxy?.url.reveal() };
    return { ca, direct: this.#handler(ca, {}, {}), proxied: this.#handler(ca, https, http) };
  }

  #handler(ca: string | undefined, https: NodeJS.ProcessEnv, http: NodeJS.ProcessEnv) {
    const trusted = ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] };
    const { connectionMs: timeout } = this.#timeouts;
    return new NodeHttpHandler({
      connectionTimeout: timeout,
      requestTimeout: this.#timeouts.requestMs,
      throwOnRequestTimeout: true,
      // A call in six hours finds no kept connection alive. A proxy that is silent would be waited for without `timeout`.
      httpAgent: new HttpAgent({ keepAlive: false, proxyEnv: http, timeout }),
      httpsAgent: new HttpsAgent({ keepAlive: false, proxyEnv: https, timeout, ...trusted }),
    });
  }

  #isProxied({ protocol, hostname, port }: SdkRequest): boolean {
    const isTls = protocol === 'https:';
    const { httpsProxy, httpProxy, isExempt } = this.#network;
    if ((isTls ? httpsProxy : httpProxy) === undefined) return false;
    return !isExempt(hostname, String(port ?? (isTls ? 443 : 80)));
  }
}

/** What Node says while it connects, and through a proxy it connects to nothing else. */
const CONNECTING = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** In place of Node's error; `undefined` for what is not the proxy's doing. `error`: of a request through a proxy. */
function proxyFailureOf(error: unknown): SourceError | undefined {
  const { code, name, statusCode } = error as Readonly<Record<string, unknown>>;
  if (code === 'ERR_PROXY_TUNNEL') {
    return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
      ? proxyRefusal(statusCode)
      : unreachable(typeof statusCode === 'number' ? { httpStatus: statusCode } : {});
  }
  // The SDK's own, for a connection that was not made in time, has no code.
  const isSilent = name === 'TimeoutError' && code === undefined;
  const isUnreachable = typeof code === 'string' && CONNECTING.test(code);
  return isSilent || isUnreachable
    ? unreachable({ cause: isUnreachable ? { code } : {} })
    : undefined;
}

/** `httpStatus`: what the proxy answered, such as 407. */
function proxyRefusal(httpStatus: number): SourceError {
  return new SourceError('the proxy refused', { kind: 'proxyRefused', httpStatus });
}

function unreachable(facts: { readonly httpStatus?: number; readonly cause?: unknown }) {
  return new SourceError('the proxy gave no way', { kind: 'proxyUnreachable', ...facts });
}
