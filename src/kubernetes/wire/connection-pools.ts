/** The connection pools for one API server and one set of TLS material. */
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { StalledError } from '../../domain/errors.ts';
import type { TlsMaterial } from './api-credentials.ts';

export interface ConnectionPools {
  /** Apart from the writes: those that a webhook holds up must not keep us from reading. */
  readonly reads: Dispatcher;
  readonly writes: Dispatcher;
  /** Watches have an unlimited pool of their own, so that they never block requests. With HTTP/2, many share one. */
  readonly streams: Dispatcher;
}

/** An API server closes idle connections after 90 s, load balancers often after 60 s: we close them first. */
const KEEP_ALIVE_MS = 50_000;
const CONNECT_TIMEOUT_MS = 10_000;
const TCP_PROBE_AFTER_MS = 30_000;

export function newConnectionPools(
  tls: TlsMaterial,
  proxyUrl: string | undefined,
  limits: {
    readonly reads: number;
    readonly writes: number;
    readonly manyStreams: boolean;
  },
): ConnectionPools {
  return {
    reads: newPool(tls, proxyUrl, { connections: limits.reads, allowH2: false }),
    writes: newPool(tls, proxyUrl, { connections: limits.writes, allowH2: false }),
    streams: newPool(tls, proxyUrl, { connections: null, allowH2: limits.manyStreams }),
  };
}

function newPool(
  tls: TlsMaterial,
  proxyUrl: string | undefined,
  sharing: { readonly connections: number | null; readonly allowH2: boolean },
): Dispatcher {
  const connect = {
    ...givenOnly(tls),
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_PROBE_AFTER_MS,
  };
  const options = {
    ...sharing,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // The transport sets the time limits, because it can tell a watch from a request.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxyUrl === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxyUriOf(proxyUrl), requestTls: connect });
}

/** TLS takes a key that is present but undefined as a value. */
function givenOnly(tls: TlsMaterial): object {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

const SUPPORTED_SCHEMES = new Set(['http:', 'https:', 'socks5:']);

function proxyUriOf(proxyUrl: string): string {
  const uri = proxyUrl.replace(/^socks(?:5h)?:/, 'socks5:');
  const scheme = URL.canParse(uri) ? new URL(uri).protocol : '';
  if (SUPPORTED_SCHEMES.has(scheme)) return uri;
  // The message omits the URL, because it may contain a password.
  throw new StalledError(
    'reading the kubeconfig: the scheme of its proxy-url is not http, https or socks5',
    { code: 'KUBECONFIG_INVALID', fix: 'correct the proxy-url' },
  );
}
