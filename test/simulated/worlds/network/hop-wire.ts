/**
 * The network between one process and the API server. Every hop is a timer of the one clock, so that requests, answers
 * and watch frames overtake each other, are late, get lost or are cut, as the seed decides. A dead process sends and
 * receives nothing; what it had sent before may still arrive.
 */
import type { Wire, WireRequest, WireResponse } from '../../../../src/kubernetes/wire/wire.ts';
import { ByteStream } from '../../../../simulator/ground/byte-stream.ts';
import { ConnectionCut } from '../../../../simulator/ground/connection-cut.ts';
import { type Fate, fateOf } from '../weather/fate.ts';
import type { HopProcess, NetworkParts } from './hop-network.ts';
import { type HopRequest, followedBy, isOfOneNamespace } from './hop-request.ts';
import { WatchChannel } from './watch-channel.ts';

/** A server answers, and its answer is in flight. */
interface Answer {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  readonly bytes: Uint8Array;
}

/** The promise of one `send`. */
interface Caller {
  readonly request: WireRequest;
  readonly resolve: (response: WireResponse) => void;
  readonly reject: (error: unknown) => void;
}

export class HopWire implements Wire {
  readonly #network: NetworkParts;
  readonly #process: HopProcess;
  readonly #inner: Wire;
  readonly #channels = new Set<WatchChannel>();
  readonly #waiting = new Set<Caller>();
  #requests = 0;
  #isClosed = false;

  constructor(network: NetworkParts, process: HopProcess, inner: Wire) {
    this.#network = network;
    this.#process = process;
    this.#inner = inner;
  }

  async send({ onStart, ...request }: WireRequest): Promise<WireResponse> {
    const { time, random, weather, webhooks, observer } = this.#network;
    if (this.#isClosed) throw new ConnectionCut('the wire was closed');
    onStart?.();
    const hop = this.#describe(request);
    observer.sent(hop);
    const fate = webhooks?.fateOf(hop, request.signal) ?? fateOf(hop, weather, random);
    return new Promise((resolve, reject) => {
      const caller = { request, resolve, reject };
      this.#waiting.add(caller);
      const onAbort = (): void => {
        this.#waiting.delete(caller);
        reject(request.signal.reason);
      };
      request.signal.addEventListener('abort', onAbort, { once: true });
      if (request.signal.aborted) reject(request.signal.reason);
      if (fate.kind === 'refused') return this.#fail(caller, fate.delayMs, 'was refused');
      time.after(fate.delayMs, () => this.#arrive(hop, fate, caller));
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting) reject(new ConnectionCut('the wire was closed'));
    for (const channel of this.#channels) channel.abandon();
    return Promise.resolve();
  }

  /** What happens when the server, or something in between, resets every long-lived connection. */
  cutWatches(how: { readonly midLine?: boolean; readonly junk?: boolean } = {}): void {
    for (const channel of this.#channels) channel.cut(how);
  }

  /** The other end is gone. */
  abandon(): void {
    this.#isClosed = true;
    for (const channel of this.#channels) channel.abandon();
  }

  #describe({ method, path: target, body, headers, streaming = false }: WireRequest): HopRequest {
    const [path = '', query = ''] = target.split('?', 2);
    this.#requests += 1;
    return {
      process: this.#process.name,
      number: this.#requests,
      method,
      path,
      query,
      body,
      isWatch: streaming,
      isForContent:
        method === 'GET' &&
        /\/secrets(?:\/|$)/.test(path) &&
        headers['accept']?.includes('PartialObjectMetadata') !== true,
      sentMs: this.#network.time.monotonicMs(),
      sentWallMs: this.#process.clock.now().getTime(),
    };
  }

  #arrive(hop: HopRequest, fate: Fate, caller: Caller): void {
    const { random, history, faults, observer } = this.#network;
    // A process that gave up or died can't call back a request in flight; if the connection ended first, the request is
    // lost.
    const isGivenUp = caller.request.signal.aborted || this.#isClosed || this.#process.clock.isDead;
    if (fate.kind === 'lost' || (isGivenUp && random.chance(0.5))) return;
    if (fate.kind === 'answer') {
      observer.served(hop, fate.status);
      const bytes = Buffer.from(JSON.stringify(fate.body));
      this.#answer(hop, fate, caller, { status: fate.status, headers: fate.headers, bytes });
      return;
    }
    const connection = new AbortController();
    const revision = fate.kind === 'stale' ? history.earlierRevision(fate) : history.revision;
    if (fate.kind === 'stale') faults.add({ effect: { kind: 'stale', revision } });
    const asOfMs = history.lastMsOf(revision);
    const request = { ...caller.request, signal: connection.signal };
    const answering = history.by({ kind: 'us', hop }, () => this.#inner.send(request));
    faults.clear();
    void this.#serve({ hop, fate, caller, connection, asOfMs }, answering);
  }

  async #serve(call: Call, answering: Promise<WireResponse>): Promise<void> {
    const { hop, fate, caller, connection } = call;
    const response = await answering;
    this.#network.observer.served(hop, response.status);
    if (hop.isWatch && response.status === 200) {
      this.#follow(call, response);
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    connection.abort();
    const { status, headers } = response;
    const bytes = Buffer.concat(chunks);
    const followed = hop.isWatch ? undefined : followedBy(hop);
    const isWhole = fate.kind !== 'cutBody' && fate.kind !== 'answerLost' && status === 200;
    const view = followed === undefined || !isWhole ? undefined : followed;
    this.#answer(hop, fate, caller, { status, headers, bytes }, () => {
      if (view !== undefined) this.#process.viewOf(view).listed(call.asOfMs);
    });
  }

  #answer(hop: HopRequest, fate: Fate, caller: Caller, answer: Answer, onRead?: () => void): void {
    const { random, observer } = this.#network;
    if (fate.kind === 'answerLost') {
      if (fate.isReset) this.#fail(caller, fate.backMs, 'was reset before the answer');
      return;
    }
    const deliver = (): void => {
      if (caller.request.signal.aborted) return;
      this.#process.received();
      this.#waiting.delete(caller);
      const body = new ByteStream({ chunkBytes: 65_536 });
      caller.request.signal.addEventListener(
        'abort',
        () => body.abort(caller.request.signal.reason),
        { once: true },
      );
      const finish = (): void => {
        if (caller.request.signal.aborted) return;
        observer.answered(hop, answer.status, fate.kind !== 'cutBody');
        onRead?.();
        if (fate.kind === 'cutBody') {
          body.write(answer.bytes.subarray(0, Math.floor(answer.bytes.length * fate.share)));
          body.fail(new ConnectionCut('the connection was reset within the body'));
        } else {
          body.write(answer.bytes);
          body.end();
        }
      };
      // The head arrives first, and the body may take a hop of its own.
      if (random.chance(0.1)) this.#process.clock.after(random.between(0, 20), finish);
      else finish();
      caller.resolve({ status: answer.status, headers: answer.headers, body });
    };
    this.#process.clock.after(fate.backMs, deliver);
  }

  #follow({ hop, fate, caller, connection }: Call, response: WireResponse): void {
    if (fate.kind === 'answerLost') {
      connection.abort();
      if (fate.isReset) this.#fail(caller, fate.backMs, 'was reset before the answer');
      return;
    }
    const channel: WatchChannel = new WatchChannel({
      network: this.#network,
      process: this.#process,
      followed: followedBy(hop),
      isRead: !isOfOneNamespace(hop) || !/\bresourceVersion=0(?:&|$)/.test(hop.query),
      onHead: (body) => {
        const { status, headers } = response;
        this.#waiting.delete(caller);
        caller.resolve({ status, headers, body });
      },
      onClose: () => {
        this.#channels.delete(channel);
        connection.abort();
      },
    });
    this.#channels.add(channel);
    caller.request.signal.addEventListener(
      'abort',
      () => channel.abort(caller.request.signal.reason),
      { once: true },
    );
    if (caller.request.signal.aborted || this.#isClosed) channel.abandon();
    else void channel.pump(response.body);
  }

  #fail(caller: Caller, delayMs: number, how: string): void {
    const error = new ConnectionCut(`the connection ${how}`);
    const fail = (): void => {
      this.#waiting.delete(caller);
      caller.reject(error);
    };
    this.#process.clock.after(delayMs, fail);
  }
}

interface Call {
  readonly hop: HopRequest;
  readonly fate: Fate;
  readonly caller: Caller;
  /** Between the network and the simulator. */
  readonly connection: AbortController;
  /** The answer shows the state at this version. */
  readonly asOfMs: number;
}
