/** Sends the SDK's requests over the network: through the proxy if there is one, with the current CA file. */
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
// Not a named import: a Node too old for `getCACertificates` would fail before we can report its version.
import tls from 'node:tls';
import type { AwsTimeouts } from './aws-connection.ts';
import type { AwsNetwork } from './aws-network.ts';
import { SourceError } from '../errors/failures.ts';
import { readBody } from './read-body.ts';
import type { SdkOptions, SdkRequest } from './sdk-handler.ts';

interface Ways {
  /** The extra authorities that both trust, as PEM. */
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

  /** Rejects like the SDK's own handler, or with a `SourceError` if the proxy is to blame. */
  async handle(request: SdkRequest, options: SdkOptions = {}) {
    const { direct, proxied } = await this.#current();
    if (!this.#isProxied(request)) return send(direct, request, options);
    try {
      const result = await send(proxied, request, options);
      if (result.response.statusCode === 407) throw proxyRefusal(407);
      return result;
    } catch (error) {
      throw proxyFailureOf(error) ?? error;
    }
  }

  /** The SDK's hooks for handlers whose options it may change; ours are fixed. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  /** Closes open connections. Later requests open new ones. */
  destroy(): void {
    this.#ways?.direct.destroy();
    this.#ways?.proxied.destroy();
    this.#ways = undefined;
  }

  async #current(): Promise<Ways> {
    const ca = await this.#network.caBundle?.current();
    // Requests under way keep their connections.
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
      // With one call in six hours, keep-alive is useless. Without `timeout`, a silent proxy would block forever.
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

/** With the whole body, where the SDK's own handler returns a stream. */
async function send(handler: NodeHttpHandler, request: SdkRequest, options: SdkOptions) {
  const { response } = await handler.handle(request, options);
  const { statusCode, headers } = response;
  return { response: { statusCode, headers, body: await readBody(response.body) } };
}

/** Node's error codes while it connects: a proxied request connects only to the proxy. */
const CONNECTING = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** Replaces Node's error; `undefined` if the proxy is not to blame. `error`: from a request through a proxy. */
function proxyFailureOf(error: unknown): SourceError | undefined {
  const { code, name, statusCode } = error as Readonly<Record<string, unknown>>;
  if (code === 'ERR_PROXY_TUNNEL') {
    return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
      ? proxyRefusal(statusCode)
      : unreachable(typeof statusCode === 'number' ? { httpStatus: statusCode } : {});
  }
  // The SDK's own error for a connection that took too long has no code.
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
  return new SourceError('the proxy gave no connection', { kind: 'proxyUnreachable', ...facts });
}
