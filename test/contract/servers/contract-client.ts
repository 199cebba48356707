/** A bare client over a wire: shares no code with the transport and reflector for which the wire is made. */
import type { Wire, WireRequest } from '../../../src/kubernetes/wire/wire.ts';

export interface KubeObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly generateName?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly ManagedFields[];
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items?: readonly KubeObject[];
  readonly [field: string]: unknown;
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly fieldsV1: unknown;
}

export interface Frame {
  readonly type: string;
  readonly object: KubeObject;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: KubeObject;
}

export interface Asked {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly userAgent?: string;
}

export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
export const METADATA_ONLY_LIST =
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export class ContractClient {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  get(path: string, accept?: string): Promise<Answer> {
    return this.#send('GET', path, accept === undefined ? {} : { accept });
  }

  post(path: string, body: unknown, userAgent?: string): Promise<Answer> {
    const contentType = 'application/json';
    return this.#send('POST', path, { body, contentType, ...(userAgent ? { userAgent } : {}) });
  }

  merge(path: string, body: unknown, more: Asked = {}): Promise<Answer> {
    return this.#send('PATCH', path, {
      body,
      contentType: 'application/merge-patch+json',
      ...more,
    });
  }

  jsonPatch(path: string, body: unknown): Promise<Answer> {
    return this.merge(path, body, { contentType: 'application/json-patch+json' });
  }

  /** Server-side apply by the manager `us`, unless the path names another. */
  apply(path: string, body: unknown, query = 'fieldManager=us'): Promise<Answer> {
    const contentType = 'application/apply-patch+yaml';
    return this.#send('PATCH', `${path}?${query}`, { body, contentType });
  }

  delete(path: string, preconditions?: unknown): Promise<Answer> {
    if (preconditions === undefined) return this.#send('DELETE', path, {});
    return this.deleteWith(path, { preconditions });
  }

  /** With these DeleteOptions. */
  deleteWith(path: string, body: unknown, more: Asked = {}): Promise<Answer> {
    return this.#send('DELETE', path, { body, contentType: 'application/json', ...more });
  }

  /** Opens a watch; throws nothing for an answer that isn't 200: check `status`. */
  async watch(path: string, accept?: string): Promise<WatchReader> {
    const leaving = new AbortController();
    const url = `${path}${path.includes('?') ? '&' : '?'}watch=true`;
    const answer = await this.#wire.send({
      ...wireRequest('GET', url, accept === undefined ? {} : { accept }),
      signal: leaving.signal,
    });
    return new WatchReader(answer.status, answer.body, leaving);
  }

  async #send(method: WireRequest['method'], path: string, asked: Asked): Promise<Answer> {
    const answer = await this.#wire.send(wireRequest(method, path, asked));
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as KubeObject };
  }
}

function wireRequest(method: WireRequest['method'], path: string, asked: Asked): WireRequest {
  const { body, contentType, accept = 'application/json', userAgent = 'contract/1' } = asked;
  return {
    method,
    path,
    headers: {
      accept,
      'user-agent': userAgent,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: new AbortController().signal,
  };
}

/** The frames of one watch, one after the other. */
export class WatchReader {
  readonly status: number;
  readonly #lines: AsyncGenerator<string>;
  readonly #leaving: AbortController;

  constructor(status: number, body: AsyncIterable<Uint8Array>, leaving: AbortController) {
    this.status = status;
    this.#lines = linesOf(body);
    this.#leaving = leaving;
  }

  /** `undefined` at the end of the watch. */
  async next(): Promise<Frame | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : (JSON.parse(value) as Frame);
  }

  async take(count: number): Promise<readonly Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) {
      const frame = await this.next();
      if (frame === undefined) break;
      frames.push(frame);
    }
    return frames;
  }

  leave(): void {
    this.#leaving.abort();
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
