/** Requests to services of the node: the Pod Identity agent, the instance metadata. Never through a proxy. */
import { Agent as HttpAgent, type RequestOptions, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { readBody } from '../network/read-body.ts';

export interface LocalRequest {
  readonly method: 'GET' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Reads the whole answer within `limitMs`. Rejects with Node's error, a `TimeoutError` or, if the answer is too long, a
 * `SourceError`; never for a status code.
 */
export function askLocally(
  request: LocalRequest,
  clock: Clock,
  limitMs: number,
): Promise<LocalAnswer> {
  return withDeadline(clock, { limitMs }, (signal) => send(request, signal));
}

function send({ method, url, headers }: LocalRequest, signal: AbortSignal): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    // Our own agent: Node's global one may use a proxy.
    const common: RequestOptions = { method, headers, signal };
    const outgoing =
      url.protocol === 'https:'
        ? requestHttps(url, { ...common, agent: new HttpsAgent({ keepAlive: false }) })
        : requestHttp(url, { ...common, agent: new HttpAgent({ keepAlive: false }) });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const status = incoming.statusCode ?? 0;
      const answer = readBody(incoming).then((body) => ({ status, body: body.toString('utf8') }));
      answer.then(resolve, reject);
    });
    outgoing.end();
  });
}
