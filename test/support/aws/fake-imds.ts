/** The instance metadata of a node whose version 1 answers too, so that a fall-back to it would be seen. */
import { type LoopbackServer, startLoopbackServer } from '../loopback-server.ts';

export const KEY_OF_NODE = 'ASIANODE00000000001';
const ROLE = 'node-role';
const ROLES_PATH = '/latest/meta-data/iam/security-credentials/';
const TOKEN = 'metadata-token';

/** How it behaves from the next request on. `hopLimit`: the answer to the PUT never arrives in a Pod. */
export type ImdsMode =
  | 'ok'
  | 'hopLimit'
  | 'hang'
  | 'noRole'
  | 'emptyRole'
  | 'roleGone'
  | 'junk'
  | 'html'
  | { readonly status: number };

export class FakeImds {
  mode: ImdsMode = 'ok';
  #server: LoopbackServer | undefined;

  static async start(host: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<FakeImds> {
    const imds = new FakeImds();
    imds.#server = await startLoopbackServer(
      ({ method, url, headers }, response) => {
        const answer = imds.#answer(method, url, headers['x-aws-ec2-metadata-token']);
        if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
      },
      { host },
    );
    return imds;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** `PUT /latest/api/token`, …; a version 1 request has `(v1)` behind it. */
  get calls(): readonly string[] {
    return (this.#server?.requests ?? []).map(({ method, url, headers }) => {
      const isOld = method === 'GET' && headers['x-aws-ec2-metadata-token'] === undefined;
      return `${method} ${url}${isOld ? ' (v1)' : ''}`;
    });
  }

  stop(): Promise<void> {
    return this.#server?.[Symbol.asyncDispose]() ?? Promise.resolve();
  }

  #answer(method: string, path: string, token: unknown) {
    const { mode } = this;
    if (mode === 'hang' || (mode === 'hopLimit' && method === 'PUT')) return undefined;
    if (typeof mode === 'object') return { status: mode.status, body: '' };
    if (mode === 'html') return { status: 200, body: '<html>log in</html>' };
    if (method === 'PUT') return { status: 200, body: TOKEN };
    if (token !== undefined && token !== TOKEN) return { status: 401, body: '' };
    return this.#answerOfRole(path);
  }

  #answerOfRole(path: string) {
    const { mode } = this;
    if (mode === 'noRole') return { status: 404, body: '' };
    if (path === ROLES_PATH) return { status: 200, body: mode === 'emptyRole' ? '' : `${ROLE}\n` };
    if (path !== ROLES_PATH + ROLE) return { status: 404, body: '' };
    if (mode === 'roleGone') {
      return { status: 200, body: JSON.stringify({ Code: 'AssumeRoleUnauthorizedAccess' }) };
    }
    return { status: 200, body: mode === 'junk' ? '{"Code":"Success"' : credentials() };
  }
}

function credentials(): string {
  return JSON.stringify({
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: KEY_OF_NODE,
    SecretAccessKey: 'secret',
    Token: 'session',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  });
}
