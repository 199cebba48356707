/** The EKS Pod Identity agent: it passes on what EKS says, in its own form of text. */
import { type LoopbackServer, startLoopbackServer } from '../loopback-server.ts';

export const KEY_OF_AGENT = 'ASIAAGENT0000000001';
export const AGENT_REQUEST_ID = 'a6e40000-0000-4000-8000-000000000002';

/** How it behaves from the next request on. */
export type AgentMode =
  | 'ok'
  | 'hang'
  | 'cut'
  | 'html'
  | 'noToken'
  /** What EKS says. */
  | { readonly status: number; readonly code: string }
  /** What the agent says by itself, in plain text. */
  | { readonly status: number; readonly text: string };

export class FakePodIdentityAgent {
  mode: AgentMode = 'ok';
  readonly liveTokens = new Set(['pod-token']);
  #server: LoopbackServer | undefined;

  static async start(host: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<FakePodIdentityAgent> {
    const agent = new FakePodIdentityAgent();
    agent.#server = await startLoopbackServer(
      ({ url, headers }, response) => {
        const answer = agent.#answer(url, headers.authorization ?? '');
        if (answer === 'hang') return;
        if (answer === 'cut') response.destroy();
        else response.writeHead(answer.status).end(answer.body);
      },
      { host },
    );
    return agent;
  }

  /** For `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
  get url(): string {
    return `${this.#server?.url ?? ''}/v1/credentials`;
  }

  /** The tokens that were sent. */
  get calls(): readonly string[] {
    return (this.#server?.requests ?? []).map(({ headers }) => headers.authorization ?? '');
  }

  stop(): Promise<void> {
    return this.#server?.[Symbol.asyncDispose]() ?? Promise.resolve();
  }

  #answer(path: string, token: string) {
    const { mode } = this;
    if (mode === 'hang' || mode === 'cut') return mode;
    if (typeof mode === 'object') {
      return { status: mode.status, body: 'code' in mode ? saidByEks(mode.code) : mode.text };
    }
    if (path !== '/v1/credentials') return { status: 404, body: '404 page not found\n' };
    if (!this.liveTokens.has(token)) {
      return { status: 400, body: saidByEks('InvalidTokenException') };
    }
    if (mode === 'html') return { status: 200, body: '<html>log in</html>' };
    return { status: 200, body: JSON.stringify(credentials(mode)) };
  }
}

function saidByEks(code: string): string {
  return `[${AGENT_REQUEST_ID}]: (${code}): said about arn:aws:iam::111111111111:role/pod, fault: client\n`;
}

function credentials(mode: AgentMode) {
  return {
    AccessKeyId: KEY_OF_AGENT,
    SecretAccessKey: 'secret',
    ...(mode === 'noToken' ? {} : { Token: 'session' }),
    AccountId: '111111111111',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  };
}
