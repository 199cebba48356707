/**
 * A minimal API server client with which tests set up and inspect objects. It shares nothing with src/kubernetes, so
 * that a bug there can't hide itself. No retries, no limits.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { readKubeconfig } from './kubeconfig.ts';

/** The fields that tests read; a test casts to reach others. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly Readonly<Record<string, unknown>>[];
  };
  readonly [key: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Thrown by every method except `raw` if the answer is not 2xx. */
class UnexpectedStatus extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(method: Method, path: string, answer: Answer) {
    super(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 500)}`);
    this.name = 'UnexpectedStatus';
    this.status = answer.status;
    this.body = answer.body;
  }
}

export class AdminClient {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  /** `connections`: the most concurrent connections, including watches; default unlimited. */
  constructor(server: string, ca: string, token: string, connections?: number) {
    this.#server = server;
    this.#token = token;
    this.#agent = new Agent({
      connect: { ca },
      allowH2: false,
      bodyTimeout: 0,
      ...(connections === undefined ? {} : { connections }),
    });
  }

  /** A client for the user of a kubeconfig that the control plane wrote. */
  static async from(kubeconfig: string, connections?: number): Promise<AdminClient> {
    const { server, caFile, tokenFile } = await readKubeconfig(kubeconfig);
    const [ca, token] = await Promise.all([readFile(caFile, 'utf8'), readFile(tokenFile, 'utf8')]);
    return new AdminClient(server, ca, token, connections);
  }

  /** Paths are as in the API, including the query: `/api/v1/namespaces/a/secrets/b`. */
  async get(path: string, accept?: string): Promise<KubeObject> {
    return this.#expect('GET', path, undefined, accept === undefined ? {} : { accept });
  }

  /** The object, or `undefined` if there is none. */
  async find(path: string): Promise<KubeObject | undefined> {
    const answer = await this.raw('GET', path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new UnexpectedStatus('GET', path, answer);
    return answer.body as KubeObject;
  }

  async list(path: string): Promise<readonly KubeObject[]> {
    const list = await this.#expect('GET', path);
    return list['items'] as readonly KubeObject[];
  }

  async create(path: string, body: object): Promise<KubeObject> {
    return this.#expect('POST', path, body);
  }

  /** Server-side apply; `force` is true by default. */
  async apply(path: string, body: object, manager = 'test', force = true): Promise<KubeObject> {
    const query = `fieldManager=${encodeURIComponent(manager)}&force=${force}`;
    const url = `${path}${path.includes('?') ? '&' : '?'}${query}`;
    return this.#expect('PATCH', url, body, { 'content-type': 'application/apply-patch+yaml' });
  }

  async mergePatch(path: string, patch: object): Promise<KubeObject> {
    return this.#expect('PATCH', path, patch, { 'content-type': 'application/merge-patch+json' });
  }

  /** Deletes in the background; does nothing if the object is absent. */
  async delete(path: string): Promise<void> {
    const answer = await this.raw('DELETE', path);
    if (answer.status < 300 || answer.status === 404) return;
    throw new UnexpectedStatus('DELETE', path, answer);
  }

  /** The frames from now on (or from the `resourceVersion` in the path); ends with the watch or the signal. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchFrame, void, void> {
    const url = `${path}${path.includes('?') ? '&' : '?'}watch=true`;
    try {
      const { statusCode, body } = await request(
        this.#server + url,
        this.#options('GET', {}, undefined, signal),
      );
      if (statusCode !== 200) {
        throw new UnexpectedStatus('GET', url, { status: statusCode, body: await body.text() });
      }
      let rest = '';
      for await (const chunk of body.setEncoding('utf8')) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as WatchFrame;
      }
    } catch (err) {
      if (!signal.aborted) throw err;
    }
  }

  /** Any request, any answer. A string body is sent unchanged, an object as JSON. */
  async raw(
    method: Method,
    path: string,
    body?: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await request(this.#server + path, this.#options(method, headers, text));
    const received = await answer.body.text();
    return { status: answer.statusCode, body: parsed(received) };
  }

  /** The UID of the FlowSchema that our request falls under, whatever its answer. */
  async flowSchemaOf(method: Method, path: string): Promise<string> {
    const { headers, body } = await request(this.#server + path, this.#options(method, {}));
    await body.dump();
    return String(headers['x-kubernetes-pf-flowschema-uid']);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #expect(
    method: Method,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<KubeObject> {
    const answer = await this.raw(method, path, body, headers);
    if (answer.status >= 300) throw new UnexpectedStatus(method, path, answer);
    return answer.body as KubeObject;
  }

  #options(
    method: Method,
    extra: Readonly<Record<string, string>>,
    body?: string,
    signal?: AbortSignal,
  ) {
    return {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...extra,
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
