import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { StalledError } from '../../../../src/domain/errors.ts';
import { HttpServer } from '../../../../src/telemetry/http/http-server.ts';
import { Metrics } from '../../../../src/telemetry/metrics/metrics.ts';
import { telemetryRoutes } from '../../../../src/telemetry/http/telemetry-routes.ts';
import { systemClock } from '../../../../src/base/system-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

const log = new RecordedLog();
const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function open({ fault = undefined as string | undefined } = {}) {
  const routes = new Map(
    telemetryRoutes({
      livez: [{ name: 'event-loop', findFault: () => undefined }],
      readyz: [{ name: 'caches', findFault: () => fault }],
      metrics: new Metrics(systemClock),
    }),
  );
  routes.set('/broken', () => {
    throw new Error('canary');
  });
  routes.set('/never', () => new Promise(() => {}));
  const server = new HttpServer({ routes, clock: systemClock, log });
  servers.push(server);
  const port = await server.start({ host: '127.0.0.1', port: 0 });
  return { server, port, url: `http://127.0.0.1:${port}` };
}

describe('HttpServer', () => {
  it.each(['/livez', '/healthz', '/-/healthy', '/readyz', '/-/ready'])(
    'answers %s',
    async (path) => {
      const { url } = await open();

      const answer = await fetch(url + path);

      expect([answer.status, await answer.text()]).toEqual([200, 'ok\n']);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('fails only readiness on a readiness check, and shows the reason only on request', async () => {
    const { url } = await open({ fault: 'waiting for secrets' });

    const ready = await fetch(`${url}/-/ready`);
    const verbose = await fetch(`${url}/readyz?verbose`);

    expect(ready.status).toBe(503);
    expect(await ready.text()).not.toContain('waiting');
    expect(await verbose.text()).toContain('[-]caches failed: waiting for secrets');
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('serves metrics', async () => {
    const { url } = await open();

    const answer = await fetch(`${url}/metrics`);

    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('workqueue_depth{name="namespaces"} 0');
  });

  it('answers HEAD without a body', async () => {
    const { url } = await open();

    const answer = await fetch(`${url}/livez`, { method: 'HEAD' });

    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it.each([
    ['/', 'GET', 404],
    ['/metrics/', 'GET', 404],
    ['/constructor', 'GET', 404],
    ['/../livez%00', 'GET', 404],
    ['/livez', 'POST', 405],
    ['/metrics', 'DELETE', 405],
  ])('answers %s %s with %i', async (path, method, status) => {
    const { url } = await open();

    const answer = await fetch(url + path, { method });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null);
  });

  it('answers an error in a page with 500 and puts the reason only into the log', async () => {
    const { url } = await open();

    const answer = await fetch(`${url}/broken`);

    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('canary');
    expect(log.messages('error')).toContain('http response failed');
  });

  it('stops within a second even if clients keep connections and answers hang', async () => {
    const { server, port } = await open();
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => {
      get({ port, host: '127.0.0.1', path: '/livez', agent }, (answer) => {
        answer.resume().on('end', () => resolve());
      });
    });
    const hanging = get({ port, host: '127.0.0.1', path: '/never', agent }).on('error', () => {});
    const silent = connect(port, '127.0.0.1').on('error', () => {});
    await new Promise<void>((resolve) => {
      silent.on('connect', () => resolve());
    });
    const startedAt = performance.now();

    await server.stop();

    expect(performance.now() - startedAt).toBeLessThan(1000);
    agent.destroy();
    hanging.destroy();
    silent.destroy();
  });

  it('refuses headers of more than 8 KiB', async () => {
    const { url } = await open();

    const answer = await fetch(`${url}/livez`, { headers: { 'x-long': 'x'.repeat(8192) } });

    expect(answer.status).toBe(431);
  });

  it('serves IPv6 and IPv4 without a host', async () => {
    const server = new HttpServer({ routes: new Map(), clock: systemClock, log });
    servers.push(server);

    const port = await server.start({ host: undefined, port: 0 });

    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });

  it('names the fix when the port is in use', async () => {
    const { port } = await open();
    const second = new HttpServer({ routes: new Map(), clock: systemClock, log });

    const failure = second.start({ host: '127.0.0.1', port });

    await expect(failure).rejects.toBeInstanceOf(StalledError);
    await expect(failure).rejects.toMatchObject({
      code: 'LISTEN_PORT_IN_USE',
      message: `listening on 127.0.0.1:${port}: the port is in use`,
      fix: 'stop the program that uses it, or choose another port with --listen',
    });
    await second.stop();
  });
});
