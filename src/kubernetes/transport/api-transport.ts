/** The transport over a wire. The Lease has a transport of its own, with its own wire and budget. */
import { parseJson } from '../../base/json.ts';
import type { Clock } from '../../base/clock.ts';
import { TransientError } from '../../domain/errors.ts';
import { ApiError } from './api-error.ts';
import { callOf, describeFailure, wrapOnStart } from './call-failure.ts';
import { Deadline } from '../../base/deadline.ts';
import type { RequestBudget } from './request-budget.ts';
import { resourceOfPath } from './resource-of-path.ts';
import { parseRetryAfterMs } from './retry-after.ts';
import { readStream } from './stream-lines.ts';
import type { ApiRequest, Transport, TransportObserver } from './transport.ts';
import type { Wire, WireResponse } from '../wire/wire.ts';

export interface ApiTransportOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly budget: RequestBudget;
  readonly observer?: TransportObserver;
  /** For one attempt, from sending to the last byte; for a watch, to the head of the response. */
  readonly requestTimeoutMs?: number;
  /** The longest time that a `Retry-After` may pause the whole budget. */
  readonly pauseAtMostMs?: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** If a server asks for a longer wait, the request fails, and the caller's back-off waits instead. */
const WAIT_AT_MOST_MS = 10_000;
const PAUSE_AT_MOST_MS = 30_000;
/** At most one more attempt: in a storm we send at most twice what was planned. */
const MAX_ATTEMPTS = 2;

export class ApiTransport implements Transport {
  readonly #options: ApiTransportOptions;
  readonly #timeoutMs: number;

  constructor(options: ApiTransportOptions) {
    this.#options = options;
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  }

  async request(request: ApiRequest): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      await this.#options.budget.take(request.signal);
      try {
        return parseAnswer(request, await this.#attempt(request));
      } catch (error) {
        this.#respectThrottling(error);
        if (attempt >= MAX_ATTEMPTS || !isWorthWaiting(request, error)) throw error;
      }
    }
  }

  async stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<string>> {
    const deadline = this.#deadlineOf(request);
    try {
      const response = await this.#send(request, deadline, true);
      deadline.restart(idleMs);
      return readStream({ request, body: response.body, deadline, idleMs });
    } catch (error) {
      deadline.end();
      const failure = describeFailure(request, error, deadline, 'API_UNREACHABLE');
      this.#respectThrottling(failure);
      throw failure;
    }
  }

  async #attempt(request: ApiRequest): Promise<string> {
    const deadline = this.#deadlineOf(request);
    try {
      const response = await this.#send(request, deadline, false);
      const answer = await readAll(response.body);
      deadline.release();
      return answer;
    } catch (error) {
      deadline.end();
      throw describeFailure(request, error, deadline, 'API_UNREACHABLE');
    }
  }

  #deadlineOf({ signal: parent }: ApiRequest): Deadline {
    return new Deadline(this.#options.clock, { parent, limitMs: this.#timeoutMs });
  }

  /** Returns the head of a good answer; throws an `ApiError` for a refusal, else what the wire throws. */
  async #send(request: ApiRequest, deadline: Deadline, streaming: boolean): Promise<WireResponse> {
    const { wire, clock } = this.#options;
    const { onStart } = request;
    const { signal } = deadline;
    const sentAt = clock.now();
    let status: number | 'error' = 'error';
    try {
      signal.throwIfAborted();
      const response = await wire.send({
        method: request.method,
        path: request.path + encodeQuery(request.query),
        headers: headersOf(request),
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(onStart === undefined ? {} : { onStart: wrapOnStart(onStart, signal) }),
        streaming,
        signal,
      });
      ({ status } = response);
      this.#observeDate(response, sentAt);
      if (status < 300) return response;
      const retryAfterMs = parseRetryAfterMs(response.headers['retry-after'], clock.now());
      const text = await readAll(response.body);
      // Keep the text of a proxy's error page, too.
      const answer = parseJson(text) ?? text;
      throw new ApiError({ call: callOf(request), status, answer, retryAfterMs });
    } finally {
      this.#options.observer?.onRequest?.({
        method: request.method,
        resource: resourceOfPath(request.path),
        watch: streaming,
        status,
        durationMs: Math.max(0, clock.now().getTime() - sentAt.getTime()),
      });
    }
  }

  #respectThrottling(error: unknown): void {
    if (!(error instanceof ApiError)) return;
    const { budget, pauseAtMostMs = PAUSE_AT_MOST_MS } = this.#options;
    if (error.status === 429) budget.slowDown();
    if (!isThrottling(error.status) || error.retryAfterMs === undefined) return;
    budget.pauseFor(Math.min(error.retryAfterMs, pauseAtMostMs));
  }

  #observeDate(response: WireResponse, sentAt: Date): void {
    const serverDate = new Date(response.headers['date'] ?? '');
    if (Number.isNaN(serverDate.getTime())) return;
    const receivedAt = this.#options.clock.now();
    this.#options.observer?.onServerDate?.({ serverDate, sentAt, receivedAt });
  }
}

function isThrottling(status: number): boolean {
  return status === 429 || status === 503;
}

/** A POST may have taken effect before it was refused; every other request that we send is safe to repeat. */
function isWorthWaiting(request: ApiRequest, error: unknown): boolean {
  return (
    request.method !== 'POST' &&
    error instanceof ApiError &&
    isThrottling(error.status) &&
    error.retryAfterMs !== undefined &&
    error.retryAfterMs <= WAIT_AT_MOST_MS
  );
}

function headersOf(request: ApiRequest): Readonly<Record<string, string>> {
  const headers = { accept: request.accept ?? 'application/json' };
  if (request.body === undefined) return headers;
  return { ...headers, 'content-type': request.contentType ?? 'application/json' };
}

function encodeQuery(query: ApiRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseAnswer(request: ApiRequest, text: string): unknown {
  if (text === '') return undefined;
  const answer = parseJson(text);
  // No API server answers with a bare string, either.
  if (answer !== undefined && typeof answer !== 'string') return answer;
  throw new TransientError(`calling ${callOf(request)}: the response is not JSON`, {
    code: 'API_MALFORMED_ANSWER',
  });
}
