/** The transport over a wire. The Lease has a transport of its own, with its own wire and budget. */
import type { Clock } from '../../base/clock.ts';
import { TimeSlices } from '../../base/time-slices.ts';
import type { JsonPiece } from '../json/json-piece.ts';
import { ApiError } from './api-error.ts';
import { callOf, describeFailure, wrapOnStart } from './call-failure.ts';
import { Deadline } from '../../base/deadline.ts';
import type { RequestBudget } from './request-budget.ts';
import { readAnswer, readListItems, readOneObject, readRefusal } from './read-body.ts';
import type { ReadObject } from './read-object.ts';
import { resourceOfPath } from './resource-of-path.ts';
import { parseRetryAfterMs } from './retry-after.ts';
import { readStream, restartingOnEachChunk } from './stream-lines.ts';
import type { ApiRequest, Transport, TransportObserver } from './transport.ts';
import type { Wire, WireResponse } from '../wire/wire.ts';

export interface ApiTransportOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly budget: RequestBudget;
  readonly observer?: TransportObserver;
  /**
   * For one attempt, from sending to the last byte; for a watch, to the head of the response; for a list, each pause. The
   * wait for a connection before that has the same limit.
   */
  readonly requestTimeoutMs?: number;
  /** The longest time that a `Retry-After` may pause the whole budget. */
  readonly pauseAtMostMs?: number;
  /** For the reading of lists and watches; its own unless given. */
  readonly slices?: TimeSlices;
}

type BodyReader<T> = (body: WireResponse['body'], deadline: Deadline) => Promise<T>;

const REQUEST_TIMEOUT_MS = 30_000;
/** If a server asks for a longer wait, the request fails, and the caller's back-off waits instead. */
const WAIT_AT_MOST_MS = 10_000;
const PAUSE_AT_MOST_MS = 30_000;
/** At most one more attempt: in a storm we send at most twice what was planned. */
const MAX_ATTEMPTS = 2;

export class ApiTransport implements Transport {
  readonly #options: ApiTransportOptions;
  readonly #timeoutMs: number;
  readonly #slices: TimeSlices;

  constructor(options: ApiTransportOptions) {
    this.#options = options;
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#slices = options.slices ?? new TimeSlices(options.clock);
  }

  request(request: ApiRequest): Promise<unknown> {
    return this.#answer(request, (body) => readAnswer(body, callOf(request)));
  }

  read(request: ApiRequest): Promise<ReadObject> {
    return this.#answer(request, (body) => readOneObject(body, callOf(request)));
  }

  list(request: ApiRequest, take: (item: ReadObject) => void): Promise<unknown> {
    const slices = this.#slices;
    return this.#answer(request, (body, deadline) => {
      const chunks = restartingOnEachChunk(body, deadline, this.#timeoutMs);
      return readListItems(chunks, callOf(request), { take, slices });
    });
  }

  async #answer<T>(request: ApiRequest, read: BodyReader<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.#options.budget.take(request.signal, request.lane);
      try {
        // Building and sending a large body takes a millisecond, and dozens may be allowed in the same moment.
        return await this.#slices.run(() => this.#attempt(request, read));
      } catch (error) {
        this.#respectThrottling(error);
        if (attempt >= MAX_ATTEMPTS || !isWorthWaiting(request, error)) throw error;
      }
    }
  }

  async stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<JsonPiece>> {
    const deadline = this.#deadlineOf(request);
    try {
      const response = await this.#send(request, deadline, true);
      deadline.restart(idleMs);
      const { body } = response;
      return readStream({ request, body, deadline, idleMs, slices: this.#slices });
    } catch (error) {
      deadline.end();
      const failure = describeFailure(request, error, deadline, 'API_UNREACHABLE');
      this.#respectThrottling(failure);
      throw failure;
    }
  }

  async #attempt<T>(request: ApiRequest, read: BodyReader<T>): Promise<T> {
    const deadline = this.#deadlineOf(request);
    try {
      const response = await this.#send(request, deadline, false);
      const answer = await read(response.body, deadline);
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
    const { signal } = deadline;
    // What the request has waited for a connection says nothing about the server.
    const onStart = (): void => {
      deadline.restart(this.#timeoutMs);
      request.onStart?.();
    };
    const [sentAt, sentMs] = [clock.now(), clock.monotonicMs()];
    let status: number | 'error' = 'error';
    try {
      signal.throwIfAborted();
      const response = await wire.send({
        method: request.method,
        path: request.path + encodeQuery(request.query),
        headers: headersOf(request),
        ...(request.body === undefined ? {} : { body: request.body }),
        onStart: wrapOnStart(onStart, signal),
        streaming,
        signal,
      });
      ({ status } = response);
      this.#observeDate(response, sentAt);
      if (status < 300) return response;
      const retryAfterMs = parseRetryAfterMs(response.headers['retry-after'], clock.now());
      const answer = await readRefusal(response.body);
      throw new ApiError({ call: callOf(request), status, answer, retryAfterMs });
    } finally {
      this.#options.observer?.onRequest?.({
        method: request.method,
        resource: resourceOfPath(request.path),
        watch: streaming,
        status,
        durationMs: clock.monotonicMs() - sentMs,
      });
    }
  }

  #respectThrottling(error: unknown): void {
    // What a webhook asks for concerns what it was asked about, not the server.
    if (!(error instanceof ApiError) || error.isByWebhook) return;
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
    !error.isByWebhook &&
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
