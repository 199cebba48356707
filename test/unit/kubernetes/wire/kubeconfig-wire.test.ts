import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { User } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeconfigWire } from '../../../../src/kubernetes/wire/kubeconfig-wire.ts';
import type { WireRequest, WireResponse } from '../../../../src/kubernetes/wire/wire.ts';
import { ConnectProxy } from '../../../support/aws/connect-proxy.ts';
import { eventually } from '../../../support/suite/eventually.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { startLoopbackServer } from '../../../support/ports/loopback-server.ts';
import { newAuthority, type Certificate } from '../../../../simulator/http/certificates.ts';

let directory: string;
const cleanup: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-wire-'));
});

afterEach(async () => {
  for (const clean of cleanup.splice(0).reverse()) await clean();
  await rm(directory, { recursive: true });
});

async function serve(...args: Parameters<typeof startLoopbackServer>) {
  const server = await startLoopbackServer(...args);
  cleanup.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** Over TLS; `cluster`: the cluster section of the kubeconfig. */
async function serveOverTls(
  handler: Parameters<typeof startLoopbackServer>[0] = answer,
  { asksForClient = false } = {},
) {
  const authority = newAuthority('ca');
  const clientCa = asksForClient ? { clientCa: authority.certPem } : {};
  const server = await serve(handler, {
    tls: { ...tlsOf(authority.issue('server')), ...clientCa },
  });
  const cluster = { server: server.url, caData: base64(authority.certPem) };
  return { authority, server, cluster };
}

const answer = (_: unknown, response: { end(text: string): unknown }) => response.end('{}');

async function inFile(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

async function untilOpen(server: { readonly connections: { open: number } }, count: number) {
  const what = `${count} open connections`;
  await eventually({ what, limitMs: 5000 }, () => server.connections.open === count);
}

const byTokenFile = (tokenFile: string) => ({
  authProvider: { name: 'tokenFile', config: { tokenFile } },
});
const byPlugin = (command: string, ...args: readonly string[]) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [...args] },
});

const tlsOf = ({ certPem, keyPem }: Certificate) => ({ cert: certPem, key: keyPem });
const base64 = (text: string) => Buffer.from(text).toString('base64');

function kubeConfigFor(cluster: object, user: Partial<User> = {}): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', skipTLSVerify: false, ...cluster } as Parameters<KubeConfig['addCluster']>[0],
    { name: 'u', ...user },
  );
  return config;
}

function wireFor(kubeConfig: KubeConfig, options: { connections?: number } = {}) {
  const clock = new VirtualClock({ start: new Date() });
  const wire = new KubeconfigWire({ kubeConfig, clock, ...options });
  cleanup.push(() => wire.close());
  const send = (more: Partial<WireRequest> = {}) =>
    wire.send({
      method: 'GET',
      path: '/version',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(5000),
      ...more,
    });
  return { wire, clock, send };
}

async function textOf({ body }: WireResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('KubeconfigWire', () => {
  it('keeps its TLS connection over many requests', async () => {
    const { server, cluster } = await serveOverTls();
    const { send } = wireFor(kubeConfigFor(cluster));

    for (let n = 0; n < 50; n++) expect(await textOf(await send())).toBe('{}');

    // A second one may be opened while the first has not been returned yet.
    expect(server.connections.total).toBeLessThanOrEqual(2);
  });

  it('returns status, headers and body, whatever the status', async () => {
    const server = await serve((_, response) => {
      response
        .writeHead(409, { 'Retry-After': '3', 'x-many': ['a', 'b'] })
        .end('{"reason":"Conflict"}');
    });
    const { send } = wireFor(kubeConfigFor({ server: server.url }));

    const response = await send();

    expect(response).toMatchObject({
      status: 409,
      headers: { 'retry-after': '3', 'x-many': 'a, b' },
    });
    expect(await textOf(response)).toBe('{"reason":"Conflict"}');
  });

  it('sends method, body and headers under the path of the server', async () => {
    const server = await serve((_, response) => response.end());
    const { send } = wireFor(kubeConfigFor({ server: `${server.url}/k8s/clusters/c-1/` }));

    await textOf(
      await send({
        method: 'PATCH',
        path: '/api/v1/namespaces/a?x=1',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: '{"a":"é"}',
      }),
    );

    expect(server.requests).toMatchObject([
      {
        method: 'PATCH',
        url: '/k8s/clusters/c-1/api/v1/namespaces/a?x=1',
        headers: {
          'content-type': 'application/merge-patch+json',
          'user-agent': 'ecr-pull-secrets',
        },
        body: '{"a":"é"}',
      },
    ]);
  });

  it('refuses a server whose certificate is not from the given authority', async () => {
    const server = await serve((_, response) => response.end(), {
      tls: tlsOf(newAuthority('theirs').issue('server')),
    });
    const { send } = wireFor(
      kubeConfigFor({ server: server.url, caData: base64(newAuthority('ours').certPem) }),
    );

    await expect(send()).rejects.toMatchObject({
      code: expect.stringMatching(/CERT|VERIFY|SIGNATURE/),
    });
    expect(server.requests).toEqual([]);
  });

  it('loads a new authority from its file while it runs', async () => {
    const { authority, server } = await serveOverTls();
    const after = newAuthority('after');
    const caFile = await inFile('ca.crt', authority.certPem);
    const { send, clock } = wireFor(kubeConfigFor({ server: server.url, caFile }));
    await textOf(await send());

    server.setTls(tlsOf(after.issue('server')));
    await writeFile(caFile, after.certPem);
    await clock.advance(10_000);

    expect(await textOf(await send())).toBe('{}');
    expect(server.connections.total).toBe(2);
    await untilOpen(server, 1);
  });

  it('keeps requests that are under way when the authority changes', async () => {
    const responses: { end: (text: string) => unknown }[] = [];
    const { authority, server } = await serveOverTls(({ url }, response) => {
      if (url !== '/watch') return response.end('{}');
      response.write('first\n');
      return responses.push(response);
    });
    const caFile = await inFile('ca.crt', authority.certPem);
    const { send, clock } = wireFor(kubeConfigFor({ server: server.url, caFile }));
    const watch = await send({ path: '/watch', streaming: true });

    await writeFile(caFile, authority.certPem + newAuthority('next').certPem);
    await clock.advance(10_000);
    await textOf(await send());
    responses[0]?.end('last\n');

    expect(await textOf(watch)).toBe('first\nlast\n');
  });

  it('continues with the last content while a file is missing', async () => {
    const { authority, server } = await serveOverTls();
    const caFile = await inFile('ca.crt', authority.certPem);
    const { send, clock } = wireFor(kubeConfigFor({ server: server.url, caFile }));
    await textOf(await send());

    await rm(caFile);
    await clock.advance(10_000);

    expect(await textOf(await send())).toBe('{}');
    expect(server.connections.total).toBe(1);
  });

  it('says what is wrong if it never had credentials', async () => {
    const { send } = wireFor(
      kubeConfigFor({ server: 'https://127.0.0.1:1', caFile: join(directory, 'none.crt') }),
    );

    await expect(send()).rejects.toMatchObject({
      code: 'API_CREDENTIALS_UNREADABLE',
      message: expect.stringContaining('none.crt'),
    });
  });

  it('presents its client certificate, and the next one once the file has changed', async () => {
    const { authority, server, cluster } = await serveOverTls(answer, { asksForClient: true });
    const [first, second] = [authority.issue('first'), authority.issue('second')];
    const certFile = await inFile('tls.crt', first.certPem);
    const keyFile = await inFile('tls.key', first.keyPem);
    const { send, clock } = wireFor(kubeConfigFor(cluster, { certFile, keyFile }));
    await textOf(await send());

    await writeFile(certFile, second.certPem);
    await writeFile(keyFile, second.keyPem);
    await clock.advance(10_000);
    await textOf(await send());

    expect(server.requests.map(({ clientName }) => clientName)).toEqual(['first', 'second']);
  });

  it('checks the certificate against the name in the kubeconfig', async () => {
    const { cluster } = await serveOverTls();

    await expect(
      wireFor(kubeConfigFor({ ...cluster, tlsServerName: 'other.example' })).send(),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(
      await textOf(await wireFor(kubeConfigFor({ ...cluster, tlsServerName: 'localhost' })).send()),
    ).toBe('{}');
  });

  it.each<[string, Partial<User>, string]>([
    ['a token', { token: 'tok' }, 'Bearer tok'],
    ['a name and a password', { username: 'me', password: 'pass' }, `Basic ${base64('me:pass')}`],
  ])('sends %s', async (_, user, authorization) => {
    const server = await serve(answer);
    await textOf(await wireFor(kubeConfigFor({ server: server.url }, user)).send());

    expect(server.requests[0]?.headers.authorization).toBe(authorization);
  });

  it('reads a token file that ends with a newline', async () => {
    const server = await serve(answer);
    const user = byTokenFile(await inFile('token', 'one\n'));
    const { send } = wireFor(kubeConfigFor({ server: server.url }, user));

    await textOf(await send());

    expect(server.requests[0]?.headers.authorization).toBe('Bearer one');
  });
});

describe('KubeconfigWire after a 401', () => {
  const needing = (token: () => string) =>
    serve(({ headers }, response) => {
      const isKnown = headers.authorization === `Bearer ${token()}`;
      response.writeHead(isKnown ? 200 : 401).end(isKnown ? '{}' : '{"reason":"Unauthorized"}');
    });

  it('reads the token file at once and asks again', async () => {
    let token = 'one';
    const server = await needing(() => token);
    const tokenFile = await inFile('token', 'one');
    const { send } = wireFor(kubeConfigFor({ server: server.url }, byTokenFile(tokenFile)));
    expect((await send()).status).toBe(200);

    token = 'two';
    await writeFile(tokenFile, 'two');

    expect((await send()).status).toBe(200);
    expect(server.requests).toHaveLength(3);
  });

  it('gives up after asking again once, and renews at most every 10 s', async () => {
    const server = await needing(() => 'never');
    const { send, clock } = wireFor(kubeConfigFor({ server: server.url }, { token: 'wrong' }));

    const response = await send();
    expect(response.status).toBe(401);
    expect(await textOf(response)).toBe('{"reason":"Unauthorized"}');
    expect(server.requests).toHaveLength(2);
    expect((await send()).status).toBe(401);
    expect(server.requests).toHaveLength(3);
    await clock.advance(10_000);
    expect((await send()).status).toBe(401);

    expect(server.requests).toHaveLength(5);
  });

  it('asks an exec plugin again, even if its token should still be valid', async () => {
    const counter = join(directory, 'count');
    const plugin = await inFile(
      'plugin.sh',
      `#!/bin/sh
echo x >> ${counter}
n=$(wc -l < ${counter} | tr -d ' ')
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$n'","expirationTimestamp":"2099-01-01T00:00:00Z"}}'
`,
    );
    await chmod(plugin, 0o755);
    let token = 't1';
    const server = await needing(() => token);
    const { send, clock } = wireFor(kubeConfigFor({ server: server.url }, byPlugin(plugin)));
    expect((await send()).status).toBe(200);
    await clock.advance(60_000);
    expect((await send()).status).toBe(200);

    token = 't2';

    expect((await send()).status).toBe(200);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ]);
  });

  it('names the fault of an exec plugin, and does not run it for every request', async () => {
    const counter = join(directory, 'count');
    const script = `echo x >> ${counter}; echo "log in first" >&2; exit 1`;
    const user = byPlugin('/bin/sh', '-c', script);
    const { send } = wireFor(kubeConfigFor({ server: 'http://127.0.0.1:1' }, user));

    await expect(send()).rejects.toThrow(/user u: log in first/);
    await expect(send()).rejects.toThrow(/user u: log in first/);

    expect(await readFile(counter, 'utf8')).toBe('x\n');
  });

  it('does not wait for an exec plugin that hangs', async () => {
    const user = byPlugin('/bin/sh', '-c', 'exec sleep 0.3');
    const { send } = wireFor(kubeConfigFor({ server: 'http://127.0.0.1:1' }, user));
    const abort = new AbortController();

    const sent = send({ signal: abort.signal });
    abort.abort(new Error('too late'));

    await expect(sent).rejects.toThrow('too late');
  });
});

describe('KubeconfigWire and its connections', () => {
  it('never lets watches use up the connections for requests', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/watch') response.write('x\n');
      else response.end('{}');
    });
    const { send } = wireFor(kubeConfigFor({ server: server.url }), { connections: 2 });
    const abort = new AbortController();
    for (let n = 0; n < 10; n++) {
      await send({ path: '/watch', streaming: true, signal: abort.signal });
    }

    expect(await textOf(await send())).toBe('{}');

    abort.abort();
    await untilOpen(server, 1);
  });

  it('never lets writes use up the connections for reads', async () => {
    const server = await serve(({ method }, response) => {
      if (method === 'GET') response.end('{}');
    });
    const { send } = wireFor(kubeConfigFor({ server: server.url }), { connections: 2 });
    const abort = new AbortController();
    const writes = Array.from({ length: 10 }, () =>
      send({ method: 'PATCH', signal: abort.signal }).catch(() => 'aborted'),
    );

    expect(await textOf(await send())).toBe('{}');

    abort.abort(new Error('stopped'));
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['aborted']));
  });

  it('opens no more connections for requests than it may', async () => {
    const server = await serve((_, response) => void setImmediate(() => response.end('{}')));
    const { send } = wireFor(kubeConfigFor({ server: server.url }), { connections: 3 });

    await Promise.all(Array.from({ length: 30 }, async () => textOf(await send())));

    expect(server.connections.total).toBeLessThanOrEqual(3);
  });

  it('closes the connection of a watch that is aborted while nothing arrives', async () => {
    const server = await serve((_, response) => void response.write('x\n'));
    const { send } = wireFor(kubeConfigFor({ server: server.url }));
    const abort = new AbortController();
    const reading = textOf(await send({ streaming: true, signal: abort.signal }));

    abort.abort(new Error('stopped'));

    await expect(reading).rejects.toThrow('stopped');
    await untilOpen(server, 0);
  });

  it('closes the connection of a watch that its reader leaves', async () => {
    const server = await serve((_, response) => void response.write('x\n'));
    const { send } = wireFor(kubeConfigFor({ server: server.url }));
    const { body } = await send({ streaming: true });

    for await (const chunk of body) {
      expect(Buffer.from(chunk).toString()).toBe('x\n');
      break;
    }

    await untilOpen(server, 0);
  });

  it('ends every connection when it is closed', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/watch') response.write('x\n');
      else response.end('{}');
    });
    const { wire, send } = wireFor(kubeConfigFor({ server: server.url }));
    await textOf(await send());
    const reading = textOf(await send({ path: '/watch', streaming: true }));

    await wire.close();

    await expect(reading).rejects.toBeDefined();
    await expect(send()).rejects.toThrow('closed');
    await untilOpen(server, 0);
  });

  it('uses the proxy of the kubeconfig, and no other', async () => {
    const { server, cluster } = await serveOverTls();
    const proxy = await ConnectProxy.start({ port: server.port });
    cleanup.push(() => proxy.stop());
    const { send } = wireFor(kubeConfigFor({ ...cluster, proxyUrl: proxy.url() }));
    await textOf(await send());
    await textOf(await send());

    expect([...new Set(proxy.tunnels)]).toEqual([`127.0.0.1:${String(server.port)}`]);
  });

  it('refuses a proxy that it cannot use, without showing its password', () => {
    const kubeConfig = kubeConfigFor({ server: 'https://s', proxyUrl: 'ftp://me:pass@p' });

    return expect(wireFor(kubeConfig).send()).rejects.toMatchObject({
      code: 'KUBECONFIG_INVALID',
      message: expect.not.stringContaining('pass@'),
    });
  });
});
