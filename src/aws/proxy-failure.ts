/** Tells the proxy's failures from those of AWS: to Node and the SDK both look alike. */
import { SourceError } from './source-error.ts';

/** What Node says while it connects, and through a proxy it connects to nothing else. */
const CONNECTING = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** In place of Node's error; `undefined` for what is not the proxy's doing. `error`: of a request through a proxy. */
export function proxyFailureOf(error: unknown): SourceError | undefined {
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
export function proxyRefusal(httpStatus: number): SourceError {
  return new SourceError('the proxy refused', { kind: 'proxyRefused', httpStatus });
}

function unreachable(facts: { readonly httpStatus?: number; readonly cause?: unknown }) {
  return new SourceError('the proxy gave no way', { kind: 'proxyUnreachable', ...facts });
}
