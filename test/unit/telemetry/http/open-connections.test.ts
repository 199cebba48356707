import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { HttpServer, type Route, text } from '../../../../src/telemetry/http/http-server.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import { eventually } from '../../../support/suite/eventually.ts';

const MANY = 500;
const servers: HttpServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** Serves IPv4 and IPv6, so that a test has two addresses. */
async function open() {
  const clock = new VirtualClock();
  const log = new RecordedLog();
  const requests = { served: 0 };
  const routes = new Map<string, Route>([
    ['/', () => text(200, `${String((requests.served += 1))}\n`)],
    ['/never', () => new Promise(() => {})],
  ]);
  const server = new HttpServer({ routes, clock, log });
  servers.push(server);
  return { clock, log, requests, port: await server.start({ host: '::', port: 0 }) };
}

/** Sends `sent` on a new connection, and leaves it open. */
async function hold(port: number, sent: string, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host).on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(sent);
  return socket;
}

async function holdMany(port: number, sent: string): Promise<void> {
  await Promise.all(Array.from({ length: MANY }, () => hold(port, sent)));
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of socket.setEncoding('utf8')) chunks.push(String(chunk));
  return chunks.join('');
}

describe('connections', () => {
  it.each([
    ['sends nothing', ''],
    ['has asked once', get('/')],
    ['has sent half of a request', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: '],
    ['waits for an answer', get('/never')],
  ])('are answered while each of 500 others %s', async (_, sent) => {
    const { port } = await open();

    await holdMany(port, sent);

    for (const host of ['127.0.0.1', '[::1]']) {
      expect((await fetch(`http://${host}:${port}/`)).status).toBe(200);
    }
  });

  it('are not ended because another address holds too many', async () => {
    const { port } = await open();
    const neighbour = await hold(port, '', '::1');

    await holdMany(port, '');
    neighbour.write(get('/'));

    expect(await readAll(neighbour)).toContain('200 OK');
  });

  it('are ended with one warning, which names the address that holds the most', async () => {
    const { port, log } = await open();

    await holdMany(port, '');
    await fetch(`http://127.0.0.1:${port}/`);

    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'too many connections, some are ended early',
        fields: { address: '::ffff:127.0.0.1', connections: 128 },
      },
    ]);
  });

  it('end after ten seconds, whatever they wait for', async () => {
    const { clock, port } = await open();
    const held = await Promise.all(['', 'GET /', get('/never')].map((sent) => hold(port, sent)));
    const ended = Promise.all(held.map((socket) => once(socket, 'close')));
    const accepted = { what: 'the connections to be accepted', limitMs: 5000 };
    await eventually(accepted, () => clock.pending === held.length);

    await clock.advance(10_000);

    await ended;
    expect(clock.pending).toBe(0);
  });

  it('end after one answer, even if many requests came at once', async () => {
    const { port, requests } = await open();

    const answers = await readAll(await hold(port, get('/').repeat(100)));

    expect(answers.match(/^HTTP/gm)).toHaveLength(1);
    expect(answers).toContain('connection: close');
    expect(requests.served).toBe(1);
  });
});
