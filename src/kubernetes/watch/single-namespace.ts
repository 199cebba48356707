/**
 * One namespace as a collection of one at most, for a reflector that may not list namespaces: to a Role belong a GET by
 * name and the old path of a watch, `/api/v1/watch/namespaces/NAME` (docs/adr/0019). Where nobody serves that path, the
 * namespace is read again and again instead.
 */
import { pause } from '../../base/pause.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { ApiError, isNotFound } from '../transport/api-error.ts';
import { METADATA, namespacePath, namespaceWatchPath } from '../transport/resources.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import { readObjectMeta } from '../transport/object-meta.ts';

interface Dependencies {
  readonly name: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
}

/** No version of the server's: the namespace is not there, so there is nothing to resume a watch from. */
const NOTHING = '0';
const POLL_EVERY_MS = 30_000;

export class SingleNamespace implements Transport {
  readonly #deps: Dependencies;
  /** What was read last; `undefined`: it was not there. */
  #known: unknown;
  /** Of what was last there to be read. */
  #version = NOTHING;
  /** Nothing has been watched since it was read: its version may be far too old to watch from. */
  #isJustRead = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** A list, whatever else is asked for: always of what stands in etcd. */
  async request({ signal }: ApiRequest): Promise<unknown> {
    const present = await this.#read(signal);
    this.#known = present;
    this.#isJustRead = true;
    this.#version = versionOf(present) ?? NOTHING;
    const items = present === undefined ? [] : [present];
    return { metadata: { resourceVersion: this.#version }, items };
  }

  /** Nothing is missed: where the watch begins anew, the namespace is read once more after its opening. */
  async stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<string>> {
    const { watch: _, ...query } = request.query ?? {};
    const isNew = this.#isJustRead || query['resourceVersion'] === NOTHING;
    const path = namespaceWatchPath(this.#deps.name);
    const resourceVersion = isNew ? '0' : query['resourceVersion'];
    const ownEnd = new AbortController();
    const signal = AbortSignal.any([request.signal, ownEnd.signal]);
    const asked = { ...request, path, query: { ...query, resourceVersion }, signal };
    try {
      const lines = await this.#deps.transport.stream(asked, idleMs);
      this.#isJustRead = false;
      if (!isNew) return lines;
      return closing(ownEnd, await this.#readAsFrame(signal), lines);
    } catch (error) {
      ownEnd.abort();
      if (!isNotServed(error)) throw error;
      this.#deps.log.info({ err: error }, 'watch of a namespace is not served: it is polled');
      return this.#poll(request.signal);
    }
  }

  async *#poll(signal: AbortSignal): AsyncGenerator<string> {
    while (!signal.aborted) {
      yield await this.#readAsFrame(signal);
      await pause(this.#deps.clock, POLL_EVERY_MS, signal);
    }
  }

  async #read(signal: AbortSignal): Promise<unknown> {
    const path = namespacePath(this.#deps.name);
    try {
      return await this.#deps.transport.request({ method: 'GET', path, accept: METADATA, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The present state as a watch would tell it. */
  async #readAsFrame(signal: AbortSignal): Promise<string> {
    const [before, present] = [this.#known, await this.#read(signal)];
    this.#known = present;
    this.#version = versionOf(present) ?? this.#version;
    if (present !== undefined) return frame('MODIFIED', present);
    if (before !== undefined) return frame('DELETED', before);
    return frame('BOOKMARK', { metadata: { resourceVersion: this.#version } });
  }
}

function versionOf(object: unknown): string | undefined {
  return readObjectMeta(object)?.resourceVersion;
}

/** A refusal for lack of rights is none of these. */
function isNotServed(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 405);
}

async function* closing(
  end: AbortController,
  first: string,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  try {
    yield first;
    yield* lines;
  } finally {
    end.abort();
  }
}

function frame(type: string, object: unknown): string {
  return JSON.stringify({ type, object });
}
