/** Sends the SDK's requests over an `AwsWire`, instead of its HTTP handler. */
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { AwsWire } from './aws-wire.ts';
import type { SdkOptions, SdkRequest } from './sdk-handler.ts';

interface Parts {
  readonly wire: AwsWire;
  readonly clock: Clock;
  /** Until the answer has arrived. */
  readonly requestMs: number;
}

export class WireRequestHandler {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async handle(request: SdkRequest, options: SdkOptions = {}) {
    const { wire, clock, requestMs } = this.#parts;
    const { abortSignal } = options;
    const parent = abortSignal instanceof AbortSignal ? abortSignal : undefined;
    const { method, headers, body } = request;
    // Decoded, not converted: the SDK's own byte type warns if it is used as a string.
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    const answer = await withDeadline(clock, { limitMs: requestMs, parent }, (signal) =>
      wire.send({ method, url: urlOf(request), headers: lower(headers), body: text, signal }),
    );
    const { status: statusCode, headers: answered, body: content } = answer;
    return { response: { statusCode, headers: { ...answered }, body: Buffer.from(content) } };
  }

  /** The SDK's hooks for handlers with options; the wire has none. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value ?? ''];
    for (const one of values) url.searchParams.append(name, one);
  }
  return url.href;
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
