/** A wire to a real API server that shares no code with our own. */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import type { Wire, WireRequest, WireResponse } from '../../../src/kubernetes/wire/wire.ts';
import { readKubeconfig } from '../../support/control-plane/kubeconfig.ts';

export class BareWire implements Wire {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  private constructor(server: string, token: string, ca: string) {
    this.#server = server;
    this.#token = token;
    this.#agent = new Agent({ connect: { ca }, bodyTimeout: 0 });
  }

  static async from(kubeconfig: string): Promise<BareWire> {
    const { server, caFile, tokenFile } = await readKubeconfig(kubeconfig);
    const [ca, token] = await Promise.all([readFile(caFile, 'utf8'), readFile(tokenFile, 'utf8')]);
    return new BareWire(server, token, ca);
  }

  async send({ method, path, headers, body, signal }: WireRequest): Promise<WireResponse> {
    const answer = await request(this.#server + path, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}` },
      body: body ?? null,
      signal,
      dispatcher: this.#agent,
    });
    const flat = Object.entries(answer.headers).map(
      ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const,
    );
    return { status: answer.statusCode, headers: Object.fromEntries(flat), body: answer.body };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
