/** The simulated AWS over HTTP, for child processes and for the SDK's own network code: covers what moto can't do. */
import type { ServerResponse } from 'node:http';
import type { AwsWire } from '../../../src/aws/network/aws-wire.ts';
import { SimulatedAws } from '../../../simulator/aws/simulated-aws.ts';
import { CANARY } from '../suite/canary.ts';
import {
  type LoopbackOptions,
  type LoopbackServer,
  type SeenRequest,
  startLoopbackServer,
} from '../ports/loopback-server.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

/** The request ID in every answer over HTTP. */
export const REQUEST_ID = '5b1c0ffe-0000-4000-8000-000000000001';

/** Serves on a free loopback port. If the wire gives no answer, the connection breaks. */
export function serveAws(wire: AwsWire, options?: LoopbackOptions): Promise<LoopbackServer> {
  return startLoopbackServer((request, response) => void serve(wire, request, response), options);
}

async function serve(
  wire: AwsWire,
  { method, url, headers, body }: SeenRequest,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  const whole = `http://${headers.host ?? ''}${url}`;
  const { signal } = leaving;
  try {
    const answer = await wire.send({ method, url: whole, headers: textsOf(headers), body, signal });
    response.writeHead(answer.status, { 'x-amzn-requestid': REQUEST_ID, ...answer.headers });
    response.end(answer.body);
  } catch {
    response.destroy();
  }
}

function textsOf(headers: SeenRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]),
  );
}

export class FakeAws extends SimulatedAws {
  #server: LoopbackServer | undefined;

  /** Uses the machine's clock. */
  static async start(
    options: LoopbackOptions & { readonly tokenLifeMs?: number } = {},
  ): Promise<FakeAws> {
    const { tokenLifeMs } = options;
    const fake = new FakeAws({ clock: systemClock, marker: CANARY, tokenLifeMs });
    fake.#server = await serveAws(fake.wire(), options);
    return fake;
  }

  /** For `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS`. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Cuts all open connections, including hanging requests. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}
