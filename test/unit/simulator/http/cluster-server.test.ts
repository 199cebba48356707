/** Our own wire and reflector, over real sockets, against the served simulator. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { ApiTransport } from '../../../../src/kubernetes/transport/api-transport.ts';
import { KubeconfigWire } from '../../../../src/kubernetes/wire/kubeconfig-wire.ts';
import { loadKubeConfig } from '../../../../src/kubernetes/wire/load-kube-config.ts';
import { ObjectCache } from '../../../../src/kubernetes/watch/object-cache.ts';
import { Reflector } from '../../../../src/kubernetes/watch/reflector.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import type { RequestObservation } from '../../../../src/kubernetes/transport/transport.ts';
import type { WireRequest } from '../../../../src/kubernetes/wire/wire.ts';
import { eventually } from '../../../support/suite/eventually.ts';
import { systemClock as clock } from '../../../../src/base/system-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import { ServedCluster } from '../../../support/simulated/served-cluster.ts';
import {
  type ObjectMeta,
  readObjectMeta,
} from '../../../../src/kubernetes/transport/object-meta.ts';

const PATH = '/api/v1/namespaces';
const SOON = { limitMs: 5_000, everyMs: 5 };

describe('a simulated cluster over HTTPS', () => {
  let cluster: ServedCluster;
  let wires: KubeconfigWire[];

  beforeEach(async () => {
    wires = [];
    cluster = await ServedCluster.start({
      access: { reader: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }] },
    });
  });
  afterEach(async () => {
    await Promise.all(wires.map(async (wire) => wire.close()));
    await cluster.stop();
  });

  function wireOf(user: string): KubeconfigWire {
    const kubeConfig = loadKubeConfig({ kubeconfig: cluster.kubeconfigOf(user) });
    const wire = new KubeconfigWire({ kubeConfig, clock });
    wires.push(wire);
    return wire;
  }

  async function ask(user: string, request: Partial<WireRequest> = {}) {
    const signal = new AbortController().signal;
    const answer = await wireOf(user).send({
      method: 'GET',
      path: PATH,
      headers: {},
      signal,
      ...request,
    });
    let text = '';
    for await (const chunk of answer.body) text += Buffer.from(chunk).toString();
    return { ...answer, text };
  }

  function reflectorOver(wire: KubeconfigWire) {
    const log = new RecordedLog();
    const budget = new RequestBudget({ clock, qps: 500, burst: 500 });
    const cache = new ObjectCache<ObjectMeta>(log);
    const endings: string[] = [];
    const lists: RequestObservation[] = [];
    const reflector = new Reflector<ObjectMeta>({
      resource: 'namespaces',
      path: PATH,
      project: readObjectMeta,
      unread: (meta) => meta,
      cache,
      transport: new ApiTransport({
        wire,
        clock,
        budget,
        observer: {
          onRequest: (call) => {
            if (!call.watch) lists.push(call);
          },
        },
      }),
      clock,
      random: () => 0,
      log,
      onEnding: (reason) => endings.push(reason),
    });
    return { reflector, cache, endings, lists };
  }

  it('answers as the user that the token names', async () => {
    const mine = await ask('admin');
    const others = await ask('reader');

    expect(mine.status).toBe(200);
    expect(JSON.parse(mine.text)).toMatchObject({ kind: 'NamespaceList' });
    expect(others.status).toBe(403);
    expect(cluster.simulator.requests.map(({ user }) => user)).toEqual(['admin', 'reader']);
  });

  it('refuses an unknown token, and does not pass the request to the cluster', async () => {
    const { status, text } = await ask('stranger');

    expect(status).toBe(401);
    expect(JSON.parse(text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
    expect(cluster.simulator.requests).toEqual([]);
  });

  it('refuses impersonation, and explains why', async () => {
    const { status, text } = await ask('admin', { headers: { 'impersonate-user': 'reader' } });

    expect(status).toBe(501);
    expect(text).toContain('the simulator does not support impersonation (--as)');
  });

  it('treats a client without credentials as system:anonymous', async () => {
    const { url, caPem } = cluster.server;
    const status = await new Promise((resolve, reject) => {
      const asking = httpsRequest(`${url}${PATH}`, { ca: caPem }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on('error', reject).end();
    });

    expect(status).toBe(403);
    expect(cluster.simulator.requests).toMatchObject([{ user: 'system:anonymous', status: 403 }]);
  });

  it('keeps connections for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: cluster.server.caPem });
    const requestOnce = async () =>
      new Promise((resolve, reject) => {
        const asking = httpsRequest(`${cluster.server.url}/version`, { agent }, (response) => {
          response.resume().on('end', () => resolve(asking.reusedSocket));
        });
        asking.on('error', reject).end();
      });

    const reused = [await requestOnce(), await requestOnce(), await requestOnce()];
    agent.destroy();

    expect(reused).toEqual([false, true, true]);
  });

  it('passes bodies on, both ways, whatever their characters', async () => {
    const body = JSON.stringify({ metadata: { name: 'new', annotations: { 'a.io/b': 'é☃𝄞' } } });
    cluster.simulator.chunkBytes = 1;

    const { status, text } = await ask('admin', { method: 'POST', body });

    expect(status).toBe(201);
    expect(JSON.parse(text)).toMatchObject({ metadata: { annotations: { 'a.io/b': 'é☃𝄞' } } });
  });

  it('cuts the socket of a watch that is cut, even within a line, and serves the next', async () => {
    const { reflector, cache, endings, lists } = reflectorOver(wireOf('admin'));
    reflector.start();
    await reflector.untilSynced();
    const watching = () => cluster.simulator.openWatches.length === 1;
    await eventually({ what: 'the watch', ...SOON }, watching);

    cluster.simulator.cutWatches({ midLine: true });
    await eventually({ what: 'the end', ...SOON }, () => endings.length === 1);
    cluster.simulator.kubectl.createNamespace('team-a');
    await eventually({ what: 'the creation', ...SOON }, () => cache.get(undefined, 'team-a'));
    await reflector.stop();

    expect(endings).toEqual(['cut']);
    expect(lists).toHaveLength(1);
  });

  it.each([
    ['refused', { kind: 'refuse' }, 0],
    ['whose answer is lost', { kind: 'lose-answer' }, 1],
  ] as const)('cuts the socket of a request that is %s', async (_, effect, creations) => {
    cluster.simulator.faults.add({ effect });
    const body = JSON.stringify({ metadata: { name: 'new' } });

    await expect(ask('admin', { method: 'POST', body })).rejects.toMatchObject({
      code: 'UND_ERR_SOCKET',
    });

    const made = cluster.simulator.kubectl
      .list('Namespace')
      .filter(({ metadata }) => metadata.name === 'new');
    expect(made).toHaveLength(creations);
  });

  it('cuts the socket within a body that is cut', async () => {
    cluster.simulator.faults.add({ effect: { kind: 'cut-body', afterBytes: 40 } });

    await expect(ask('admin')).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
  });

  it('does not answer a request that hangs, until the client disconnects', async () => {
    cluster.simulator.faults.add({ effect: { kind: 'hang' } });
    const leaving = new AbortController();
    const call = ask('admin', { signal: leaving.signal });
    await eventually(
      { what: 'the request', ...SOON },
      () => cluster.simulator.requests.length === 1,
    );

    leaving.abort(new Error('left'));

    await expect(call).rejects.toThrow('left');
    expect((await ask('admin')).status).toBe(200);
  });

  it('ends every connection when it closes', async () => {
    const { reflector, endings } = reflectorOver(wireOf('admin'));
    reflector.start();
    await reflector.untilSynced();
    const watches = () => cluster.simulator.openWatches.length;
    await eventually({ what: 'the watch', ...SOON }, () => watches() === 1);

    await cluster.server.close();

    expect(watches()).toBe(0);
    await eventually({ what: 'the end', ...SOON }, () => endings.length > 0);
    await reflector.stop();
    await expect(ask('admin')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('writes kubeconfigs that name only what is needed', () => {
    const config = JSON.parse(readFileSync(cluster.kubeconfigOf('admin'), 'utf8')) as object;

    expect(config).toMatchObject({
      clusters: [{ name: 'simulator', cluster: { server: cluster.server.url } }],
      users: [{ name: 'simulator', user: { token: 'token-of-admin' } }],
      contexts: [{ name: 'simulator', context: { cluster: 'simulator', user: 'simulator' } }],
      'current-context': 'simulator',
    });
  });
});
