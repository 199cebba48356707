/** Hundreds of watches over few connections: HTTP/2 if the server supports it. */
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from '@jest/globals';
import { KubeconfigWire } from '../../../../src/kubernetes/wire/kubeconfig-wire.ts';
import { newAuthority } from '../../../../simulator/http/certificates.ts';
import { eventually } from '../../../support/suite/eventually.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

const WATCHES = 20;
const authority = newAuthority('ca');
const { certPem: cert, keyPem: key } = authority.issue('server');
const cleanup: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanup.splice(0).reverse()) await clean();
});

/** Answers every request with a watch that sends `x` and stays open. */
async function serve(speaks: 'h2' | 'http/1.1') {
  const streams = new Set<ServerHttp2Stream>();
  const sockets = new Set<Socket>();
  const server =
    speaks === 'h2'
      ? createSecureServer({ cert, key }).on('stream', (stream) => {
          streams.add(stream);
          stream.on('close', () => streams.delete(stream));
          stream.on('error', () => undefined);
          stream.respond({ ':status': 200 });
          stream.write('x\n');
        })
      : createServer({ cert, key }, (_, response) => void response.write('x\n'));
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, streams, sockets };
}

/** Opens watches one after the other, as lists give way to them. */
async function watchOver(url: string) {
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from(authority.certPem).toString('base64');
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: url, skipTLSVerify: false, caData },
    { name: 'u' },
  );
  const wire = new KubeconfigWire({
    kubeConfig,
    clock: new VirtualClock({ start: new Date() }),
    manyStreams: true,
  });
  cleanup.push(() => wire.close());
  const watches: { readonly abort: AbortController; readonly rest: Promise<string> }[] = [];
  for (let n = 0; n < WATCHES; n += 1) {
    const abort = new AbortController();
    const { body } = await wire.send({
      method: 'GET',
      path: '/watch',
      headers: {},
      streaming: true,
      signal: abort.signal,
    });
    const lines = body[Symbol.asyncIterator]();
    const { value } = await lines.next();
    expect(String(value)).toBe('x\n');
    const rest = lines.next().then(
      () => 'ended',
      () => 'failed',
    );
    watches.push({ abort, rest });
  }
  return watches;
}

describe('many watches', () => {
  it('share a connection if the server supports HTTP/2, and end one by one', async () => {
    const { url, streams, sockets } = await serve('h2');
    const [first, ...others] = await watchOver(url);
    expect(streams.size).toBe(WATCHES);
    expect(sockets.size).toBeLessThanOrEqual(2);

    first?.abort.abort();
    expect(await first?.rest).toBe('failed');
    await eventually({ what: 'its stream to close', limitMs: 5_000 }, () => {
      return streams.size === WATCHES - 1;
    });
    expect(others).toHaveLength(WATCHES - 1);
  });

  it('all fail when their connection breaks', async () => {
    const { url, sockets } = await serve('h2');
    const watches = await watchOver(url);

    for (const socket of sockets) socket.destroy();

    expect(new Set(await Promise.all(watches.map(({ rest }) => rest)))).toEqual(
      new Set(['failed']),
    );
  });

  it('have a connection each if the server supports HTTP/1.1 only', async () => {
    const { url, sockets } = await serve('http/1.1');
    await watchOver(url);
    expect(sockets.size).toBe(WATCHES);
  });
});
