/** Our small ECR and STS over HTTP, for what moto can't do: expiry, throttling, hangs, denial, junk. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ecrError, tokenAnswer, type EcrMode, type FakeAnswer } from './fake-ecr-answers.ts';
import { stsAnswer, stsError, type StsMode } from './fake-sts-answers.ts';

export interface AwsCall {
  readonly at: Date;
  readonly service: 'ecr' | 'sts' | 'unknown';
  /** Such as `GetAuthorizationToken`. */
  readonly action: string;
  /** From the signature; empty for an unsigned request. */
  readonly region: string;
  readonly accessKeyId: string;
  /** The mode that it met. */
  readonly mode: string;
}

export interface FakeAwsOptions {
  /** Default 12 hours. */
  readonly tokenLifeMs?: number;
  /** Default 123456789012. */
  readonly account?: string;
  /** The clock of this AWS; default the real one. */
  readonly now?: () => number;
}

const HALF_DAY_MS = 43_200_000;
const ECR_TARGET = /^AmazonEC2ContainerRegistry_V\d+\.(\w+)$/;
const CREDENTIAL = /Credential=([^/]+)\/\d+\/([^/]+)\//;

/** Mode and token life may be set at any time and hold from the next request on. */
export class FakeAws {
  ecrMode: EcrMode = { kind: 'ok' };
  stsMode: StsMode = { kind: 'ok' };
  tokenLifeMs: number;
  readonly #server: Server;
  readonly #account: string;
  readonly #now: () => number;
  readonly #calls: AwsCall[] = [];
  #tokens = 0;

  private constructor(options: FakeAwsOptions) {
    this.tokenLifeMs = options.tokenLifeMs ?? HALF_DAY_MS;
    this.#account = options.account ?? '123456789012';
    this.#now = options.now ?? Date.now;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens on a free port of loopback. */
  static async start(options: FakeAwsOptions = {}): Promise<FakeAws> {
    const fake = new FakeAws(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** For `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get calls(): readonly AwsCall[] {
    return [...this.#calls];
  }

  /** Good tokens handed out so far; the number of the newest. */
  get tokensMinted(): number {
    return this.#tokens;
  }

  /** Cuts what is open, hanging requests included. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request).catch(() => undefined);
    if (body === undefined) return;
    const answer = this.#answer(request, body);
    if (answer === undefined) return;
    const date = new Date(this.#now()).toUTCString();
    response.writeHead(answer.status, { 'content-type': answer.contentType, date });
    response.end(answer.body);
  }

  /** Undefined: leave it hanging. */
  #answer(request: IncomingMessage, body: string): FakeAnswer | undefined {
    const target = ECR_TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
    const fields = new URLSearchParams(body);
    if (target === 'GetAuthorizationToken') {
      const call = this.#record(request, 'ecr', target);
      return this.#answerEcr(call.region);
    }
    const action = target ?? fields.get('Action') ?? '';
    const number = this.#calls.length + 1;
    const known = stsAnswer({ fields, number, nowMs: this.#now(), account: this.#account });
    this.#record(request, known === undefined ? 'unknown' : 'sts', action);
    if (known === undefined) {
      return { status: 501, contentType: 'text/plain', body: `no ${action} here` };
    }
    if (this.stsMode.kind === 'hang') return undefined;
    return this.stsMode.kind === 'ok' ? known : stsError(this.stsMode.kind);
  }

  #answerEcr(region: string): FakeAnswer | undefined {
    const mode = this.ecrMode;
    if (mode.kind === 'hang') return undefined;
    const givesToken = mode.kind === 'ok' || mode.kind === 'expiry';
    if (!givesToken && mode.kind !== 'junk') return ecrError(mode.kind);
    if (givesToken) this.#tokens += 1;
    const facts = { number: this.#tokens, nowMs: this.#now(), lifeMs: this.tokenLifeMs };
    return tokenAnswer({ ...facts, account: this.#account, region }, mode);
  }

  #record(request: IncomingMessage, service: AwsCall['service'], action: string): AwsCall {
    const scope = CREDENTIAL.exec(request.headers.authorization ?? '');
    const mode = service === 'ecr' ? this.ecrMode.kind : this.stsMode.kind;
    const [, accessKeyId = '', region = ''] = scope ?? [];
    const call: AwsCall = { at: new Date(this.#now()), service, action, region, accessKeyId, mode };
    this.#calls.push(call);
    return call;
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
