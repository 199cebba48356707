/** Acts on the cluster as an administrator, over the same seam as the controller: few verbs, errors in plain words. */
import { fieldOf, isText, parseJson } from '../../src/base/json.ts';
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';
import { withDeadline } from '../../src/base/deadline.ts';
import { systemClock } from '../../src/base/system-clock.ts';

type Wire = ReturnType<ApiServerConnection['openWire']>;

export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

interface Asked {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const REQUEST_TIMEOUT_MS = 15_000;

export class ClusterClient {
  readonly #wire: Wire;
  readonly #creating = new Set<Promise<KubeObject>>();
  #isClosed = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** `undefined` if there is no such object. */
  async find(path: string, accept?: string): Promise<KubeObject | undefined> {
    const { status, body } = await this.#send('GET', path, accept === undefined ? {} : { accept });
    if (status === 404) return undefined;
    return checked(`GET ${path}`, status, body);
  }

  create(path: string, body: unknown): Promise<KubeObject> {
    const creating = this.#create(path, body);
    this.#creating.add(creating);
    return creating.finally(() => this.#creating.delete(creating));
  }

  async merge(path: string, body: unknown): Promise<KubeObject> {
    const contentType = 'application/merge-patch+json';
    const answer = await this.#send('PATCH', path, { body, contentType });
    return checked(`PATCH ${path}`, answer.status, answer.body);
  }

  /** Also succeeds if it is already gone. */
  async delete(path: string): Promise<void> {
    const { status, body } = await this.#send('DELETE', path, {});
    if (status !== 404) checked(`DELETE ${path}`, status, body);
  }

  /** Waits for objects that are being created: an aborted request could still create one after the cleanup. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#creating);
    await this.#wire.close();
  }

  async #create(path: string, body: unknown): Promise<KubeObject> {
    const answer = await this.#send('POST', path, { body, contentType: 'application/json' });
    return checked(`POST ${path}`, answer.status, answer.body);
  }

  async #send(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    { body, contentType, accept = 'application/json' }: Asked,
  ): Promise<{ readonly status: number; readonly body: string }> {
    if (this.#isClosed) throw new Error(`${method} ${path}: the connections are closed`);
    const headers = {
      accept,
      'user-agent': 'kubectl/demo',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return withDeadline(systemClock, { limitMs: REQUEST_TIMEOUT_MS }, async (signal) => {
      const answer = await this.#wire.send({ method, path, headers, ...content, signal });
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.body) chunks.push(chunk);
      return { status: answer.status, body: Buffer.concat(chunks).toString('utf8') };
    });
  }
}

/** Throws with the server's message: no refusal of these verbs quotes a Secret's content. */
function checked(call: string, status: number, body: string): KubeObject {
  if (status >= 300) {
    throw new Error(`${call}: ${status}: ${messageOf(body)}`);
  }
  return JSON.parse(body) as KubeObject;
}

function messageOf(body: string): string {
  const message = fieldOf(parseJson(body), 'message');
  return isText(message) ? message : 'a response without a message';
}
