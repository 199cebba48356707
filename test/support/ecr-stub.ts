/** ECR, STS and the Pod Identity agent in one loopback server that answers as it is told: also late, wrongly or not at all. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Service = 'ecr' | 'sts' | 'agent';

export interface StubCall {
  readonly service: Service;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `hang`: no answer. `drip`: a head, and a body that never ends. */
type Answer = Reply | 'hang' | 'drip' | 'cut';

export const REQUEST_ID = '5b1c0ffe-0000-4000-8000-000000000001';

export class EcrStub {
  readonly calls: StubCall[] = [];
  /** What each service answers; called anew for each request. */
  readonly answers: Record<Service, (call: StubCall) => Answer> = {
    ecr: () => tokenAnswer({}),
    sts: () => webIdentityAnswer(),
    agent: () => agentAnswer(),
  };
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<EcrStub> {
    const server = createServer();
    const stub = new EcrStub(server);
    server.on('request', (request, response) => {
      void stub.#serve(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  callsOf(service: Service): readonly StubCall[] {
    return this.calls.filter((call) => call.service === service);
  }

  /** Connections that are open now. */
  connections(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.getConnections((_error, count) => resolve(count));
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setEncoding('utf8');
    let body = '';
    for await (const part of request) body += String(part);
    const call = { service: serviceOf(request), headers: request.headers, body };
    this.calls.push(call);
    const answer = this.answers[call.service](call);
    if (answer === 'hang') return;
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    if (answer === 'drip') {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.write('{"authorizationData":[');
      return;
    }
    response.writeHead(answer.status, { 'x-amzn-requestid': REQUEST_ID, ...answer.headers });
    response.end(answer.body);
  }
}

function serviceOf(request: IncomingMessage): Service {
  if (request.headers['x-amz-target'] !== undefined) return 'ecr';
  return request.method === 'POST' ? 'sts' : 'agent';
}

/** A good answer of ECR, or one with other content. */
export function tokenAnswer(change: {
  readonly password?: string;
  readonly expiresAt?: number | undefined;
  readonly data?: unknown;
}): Reply {
  const { password = 'password-1', expiresAt = Math.floor(Date.now() / 1_000) + 43_200 } = change;
  const data = [
    {
      authorizationToken: btoa(`AWS:${password}`),
      expiresAt,
      proxyEndpoint: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    },
  ];
  return json(200, { authorizationData: 'data' in change ? change.data : data });
}

export function ecrError(status: number, type: string, message = 'said the stub'): Reply {
  return json(status, { __type: type, message });
}

export function webIdentityAnswer(accessKeyId = 'ASIAIOSFODNN7EXAMPLE'): Reply {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/puller/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
  };
}

export function stsError(status: number, code: string, message = 'said the stub'): Reply {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
  };
}

export function agentAnswer(): Reply {
  return json(200, {
    AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    SecretAccessKey: 'secret',
    Token: 'session',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  });
}

export function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(body),
  };
}
