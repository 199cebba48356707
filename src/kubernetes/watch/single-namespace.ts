/**
 * Presents one namespace as a collection of at most one object, for a reflector that may not list namespaces. A Role
 * can allow a GET by name and the old watch path, `/api/v1/watch/namespaces/NAME` (docs/adr/0019). Where that path is
 * not served, the namespace is polled instead.
 */
import { pause } from '../../base/pause.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { ApiError, isNotFound } from '../transport/api-error.ts';
import { METADATA, namespacePath, namespaceWatchPath } from '../transport/resources.ts';
import type { JsonPiece } from '../json/json-piece.ts';
import { readObjectMeta } from '../transport/object-meta.ts';
import { frameOf, type ReadObject } from '../transport/read-object.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';

interface Dependencies {
  readonly name: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
}

/** Never a version of the server: the namespace does not exist, so there is nothing to resume a watch from. */
const NOTHING = '0';
const POLL_EVERY_MS = 30_000;

export class SingleNamespace implements Pick<Transport, 'list' | 'stream'> {
  readonly #deps: Dependencies;
  /** What was read last; `undefined`: it did not exist. */
  #known: ReadObject | undefined;
  /** The version of the last state that was read while it existed. */
  #version = NOTHING;
  /** No watch has started since the last read: its version may be far too old to watch from. */
  #isJustRead = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Always a list, whatever the request asks for, and always of the state in etcd. */
  async list({ signal }: ApiRequest, take: (item: ReadObject) => void): Promise<unknown> {
    const present = await this.#read(signal);
    this.#known = present;
    this.#isJustRead = true;
    this.#version = versionOf(present) ?? NOTHING;
    if (present !== undefined) take(present);
    return { metadata: { resourceVersion: this.#version }, items: [] };
  }

  /** Misses nothing: if the watch starts from scratch, the namespace is read once more after it has opened. */
  async stream(request: ApiRequest, idleMs: number): Promise<AsyncIterable<JsonPiece>> {
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
      this.#deps.log.info({ err: error }, 'watch of one namespace not served, polling instead');
      return this.#poll(request.signal);
    }
  }

  async *#poll(signal: AbortSignal): AsyncGenerator<JsonPiece> {
    while (!signal.aborted) {
      yield await this.#readAsFrame(signal);
      await pause(this.#deps.clock, POLL_EVERY_MS, signal);
    }
  }

  async #read(signal: AbortSignal): Promise<ReadObject | undefined> {
    const path = namespacePath(this.#deps.name);
    try {
      return await this.#deps.transport.read({ method: 'GET', path, accept: METADATA, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The current state as a frame of a watch. */
  async #readAsFrame(signal: AbortSignal): Promise<JsonPiece> {
    const [before, present] = [this.#known, await this.#read(signal)];
    this.#known = present;
    this.#version = versionOf(present) ?? this.#version;
    if (present !== undefined) return frameOf('MODIFIED', present);
    if (before !== undefined) return frameOf('DELETED', before);
    const bookmark = { metadata: { resourceVersion: this.#version } };
    return frameOf('BOOKMARK', { kind: 'parsed', object: bookmark });
  }
}

function versionOf(present: ReadObject | undefined): string | undefined {
  if (present === undefined) return undefined;
  const meta = present.kind === 'tooLarge' ? present.meta : readObjectMeta(present.object);
  return meta?.resourceVersion;
}

/** Not a denial: that one may be temporary. */
function isNotServed(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 405);
}

async function* closing(
  end: AbortController,
  first: JsonPiece,
  lines: AsyncIterable<JsonPiece>,
): AsyncGenerator<JsonPiece> {
  try {
    yield first;
    yield* lines;
  } finally {
    end.abort();
  }
}
