/** A wire into the simulator for one user: applies faults, logs requests, returns answers as bytes. */
import type { Wire, WireRequest, WireResponse } from '../src/kubernetes/wire/wire.ts';
import { ApiFailure } from './objects/api-failure.ts';
import { readRequest } from './requests/api-request.ts';
import type { ApiServer } from './server/api-server.ts';
import { ByteStream, type StreamShape } from './ground/byte-stream.ts';
import type { Clock } from '../src/base/clock.ts';
import { ConnectionCut } from './ground/connection-cut.ts';
import { discover } from './server/discovery.ts';
import type { FaultEffect, Faults, SeenRequest, TakenFaults } from './faults.ts';
import { writeInBetween } from './server/interference.ts';
import type { Silence, WatchFaults } from './reads/open-watch.ts';
import { renderTable } from './tables/table.ts';
import { waitFor } from './ground/wait-for.ts';
import type { Watches } from './reads/watches.ts';

export interface LoggedRequest extends SeenRequest {
  /** 0 until there is an answer; stays 0 if the connection breaks first. */
  status: number;
}

export interface SimulatedWireParts {
  readonly user: string;
  readonly server: ApiServer;
  readonly watches: Watches;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: (entry: LoggedRequest) => void;
  readonly chunkBytes: () => number;
}

interface Head {
  readonly status: number;
  readonly retryAfterSeconds?: number | undefined;
  readonly body: ByteStream;
}

export class SimulatedWire implements Wire {
  readonly #parts: SimulatedWireParts;
  readonly #closing = new AbortController();

  constructor(parts: SimulatedWireParts) {
    this.#parts = parts;
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const { clock, faults, log, user } = this.#parts;
    const signal = AbortSignal.any([request.signal, this.#closing.signal]);
    signal.throwIfAborted();
    request.onStart?.();
    const [path = '', query = ''] = request.path.split('?', 2);
    const entry: LoggedRequest = { method: request.method, path, query, user, status: 0 };
    log(entry);
    const taken = faults.take(entry);
    // Without a fault the server acts before `send` returns: a simulation attributes changes by this order.
    if (taken.delayMs > 0 || taken.effect !== undefined) await this.#underWay(taken, signal);
    const { effect } = taken;
    const head = this.#handle(request, taken);
    // The server has acted by now; the answer is in flight.
    if (effect?.kind === 'late-answer') await waitFor(effect.delayMs, clock, signal);
    else await Promise.resolve();
    signal.throwIfAborted();
    if (effect?.kind === 'lose-answer') {
      head.body.abort(undefined);
      throw new ConnectionCut('the connection was reset before the answer');
    }
    entry.status = head.status;
    signal.addEventListener('abort', () => head.body.abort(signal.reason), { once: true });
    return { status: head.status, headers: headersOf(head, clock.now()), body: head.body };
  }

  async #underWay({ delayMs, effect }: TakenFaults, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    if (delayMs > 0) await waitFor(delayMs, clock, signal);
    if (effect?.kind === 'refuse') {
      throw new ConnectionCut('the connection was reset before the request was read');
    }
    if (effect?.kind === 'hang') await waitFor(Infinity, clock, signal);
  }

  close(): Promise<void> {
    this.#closing.abort(new ConnectionCut('the wire was closed'));
    return Promise.resolve();
  }

  #handle(request: WireRequest, taken: TakenFaults): Head {
    const { effect } = taken;
    const shape = {
      chunkBytes: this.#parts.chunkBytes(),
      cutAfterBytes: effect?.kind === 'cut-body' ? effect.afterBytes : undefined,
    };
    if (effect?.kind === 'answer') {
      const { status, body = {}, retryAfterSeconds } = effect;
      return { status, retryAfterSeconds, body: whole(body, shape) };
    }
    try {
      return this.#serve(request, taken, shape);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      const { code: status, retryAfterSeconds } = error;
      return { status, retryAfterSeconds, body: whole(error.status(), shape) };
    }
  }

  #serve(wireRequest: WireRequest, taken: TakenFaults, shape: StreamShape): Head {
    const { user, server, watches, clock } = this.#parts;
    const discovery = discover(wireRequest.path.split('?', 1).join(''), user);
    if (discovery !== undefined) return { status: 200, body: whole(discovery, shape) };
    const request = readRequest(wireRequest, user);
    const { effect } = taken;
    if (request.verb === 'watch') {
      server.authorize(request);
      return { status: 200, body: watches.start(request, shape, watchFaultsOf(taken)).body };
    }
    if (effect?.kind === 'conflict') writeInBetween(server, request);
    const revision = effect?.kind === 'stale' ? effect.revision : undefined;
    const { status, body } = server.answer(request, revision);
    const { kind, rowObject } = request;
    // A Status is never rendered as a table.
    if (rowObject === undefined || body['kind'] === 'Status') {
      return { status, body: whole(body, shape) };
    }
    const view = { rowObject, now: clock.now(), withColumns: true };
    return { status, body: whole(renderTable(kind, body, view), shape) };
  }
}

function whole(content: unknown, shape: StreamShape): ByteStream {
  const body = new ByteStream(shape);
  body.write(
    typeof content === 'string'
      ? content
      : `${JSON.stringify(content)}
`,
  );
  body.end();
  return body;
}

function watchFaultsOf({ effect, frameDelayMs }: TakenFaults): WatchFaults {
  const startRevision = effect?.kind === 'stale' ? effect.revision : undefined;
  return { silence: silenceOf(effect), frameDelayMs, startRevision };
}

function silenceOf(effect: FaultEffect | undefined): Silence {
  if (effect?.kind === 'silent-watch') return 'all';
  return effect?.kind === 'withhold-events' ? 'events' : 'none';
}

function headersOf({ retryAfterSeconds }: Head, now: Date): Record<string, string> {
  return {
    'content-type': 'application/json',
    date: now.toUTCString(),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
}
