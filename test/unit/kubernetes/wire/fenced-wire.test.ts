/** A replica that does not lead sends no write, no matter what the write has waited for. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { TransientError } from '../../../../src/domain/errors.ts';
import { ApiTransport } from '../../../../src/kubernetes/transport/api-transport.ts';
import { FencedWire } from '../../../../src/kubernetes/wire/fenced-wire.ts';
import { KubeconfigWire } from '../../../../src/kubernetes/wire/kubeconfig-wire.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import type { Wire } from '../../../../src/kubernetes/wire/wire.ts';
import { eventually } from '../../../support/suite/eventually.ts';
import { failureOf } from '../../../support/suite/failure-of.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../support/ports/loopback-server.ts';
import { ScriptedWire } from '../../../support/ports/scripted-wire.ts';

const SIGNAL = new AbortController().signal;
const PATH = '/api/v1/namespaces/team/serviceaccounts/default';
const PATCH = { method: 'PATCH', path: PATH, body: '{}', signal: SIGNAL } as const;
const notLeading = expect.objectContaining({ name: 'TransientError', code: 'NOT_LEADING' });

let isLeading: boolean;
let clock: VirtualClock;

beforeEach(() => {
  isLeading = true;
  clock = new VirtualClock();
});

function transportOver(wire: Wire, { qps = 1000, burst = 1000 } = {}): ApiTransport {
  const budget = new RequestBudget({ clock, qps, burst });
  return new ApiTransport({ wire: new FencedWire(wire, () => isLeading), clock, budget });
}

describe('the fence', () => {
  it.each(['POST', 'PATCH', 'DELETE'] as const)(
    'lets %s pass only while it leads',
    async (method) => {
      const wire = new ScriptedWire(() => ({ body: { ok: true } }));
      const transport = transportOver(wire);
      expect(await transport.request({ ...PATCH, method })).toEqual({ ok: true });

      isLeading = false;
      await expect(transport.request({ ...PATCH, method })).rejects.toEqual(notLeading);
      expect(wire.requests).toHaveLength(1);
    },
  );

  it('always lets reads pass', async () => {
    isLeading = false;
    const transport = transportOver(new ScriptedWire(() => ({ body: { ok: true } })));

    expect(await transport.request({ method: 'GET', path: PATH, signal: SIGNAL })).toEqual({
      ok: true,
    });
  });

  it('comes after the wait for the budget', async () => {
    const wire = new ScriptedWire(() => ({}));
    const transport = transportOver(wire, { qps: 1, burst: 1 });
    await transport.request(PATCH);
    const failure = failureOf(transport.request(PATCH));
    await clock.advance(500);
    isLeading = false;
    await clock.advance(1000);

    expect(await failure).toEqual(notLeading);
    expect(wire.requests).toHaveLength(1);
  });

  it('asks the sender again, after every wait and before each try', async () => {
    const wire = new ScriptedWire(() => ({ status: 429, headers: { 'retry-after': '1' } }));
    const transport = transportOver(wire);
    const outdated = new TransientError('not wanted any more', { code: 'PLAN_OUTDATED' });
    let calls = 0;
    const onStart = (): void => {
      calls += 1;
      if (calls > 1) throw outdated;
    };
    const failure = failureOf(transport.request({ ...PATCH, onStart }));
    await clock.advance(5000);

    expect(await failure).toBe(outdated);
    expect({ calls, sent: wire.requests.length }).toEqual({ calls: 2, sent: 1 });
  });

  it('passes on the sender’s error unchanged: it is no fault of the connection', async () => {
    const wire = new ScriptedWire(() => ({}));
    const fault = new TypeError('a fault of the program');
    const onStart = (): void => {
      throw fault;
    };

    expect(await failureOf(transportOver(wire).request({ ...PATCH, onStart }))).toBe(fault);
    expect(wire.requests).toEqual([]);
  });

  it('comes before each further try of a request', async () => {
    const wire = new ScriptedWire(() => ({ status: 429, headers: { 'retry-after': '1' } }));
    const transport = transportOver(wire);
    const failure = failureOf(transport.request(PATCH));
    await clock.advance(0);
    isLeading = false;
    await clock.advance(5000);

    expect(await failure).toEqual(notLeading);
    expect(wire.requests).toHaveLength(1);
  });
});

describe('the fence over a real connection', () => {
  let server: LoopbackServer;
  let wire: KubeconfigWire;
  const answers: (() => void)[] = [];

  beforeEach(async () => {
    answers.length = 0;
    server = await startLoopbackServer((_, response) => {
      answers.push(() => response.end('{}'));
    });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', skipTLSVerify: false, server: server.url },
      { name: 'u' },
    );
    wire = new KubeconfigWire({ kubeConfig, clock, connections: 1 });
  });
  afterEach(async () => {
    await wire.close();
    await server[Symbol.asyncDispose]();
  });

  it('comes after the wait for a free connection, and harms no other request', async () => {
    const transport = transportOver(wire);
    const unfenced = async (path: string): Promise<number> => {
      const { status, body } = await wire.send({
        method: 'DELETE',
        path,
        headers: {},
        signal: SIGNAL,
      });
      for await (const _ of body);
      return status;
    };
    const first = unfenced('/first');
    await eventually({ what: 'the first request', limitMs: 5000 }, () => answers.length === 1);
    const failure = failureOf(transport.request(PATCH));
    // It has been handed to the pool after this, and waits for the first one’s connection.
    await new Promise((resolve) => setImmediate(resolve));
    const after = unfenced('/last');
    isLeading = false;
    answers[0]?.();

    expect(await failure).toEqual(notLeading);
    await first;
    await eventually({ what: 'the last request', limitMs: 5000 }, () => answers.length === 2);
    answers[1]?.();
    expect(await after).toBe(200);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE /first',
      'DELETE /last',
    ]);
  });

  it('lets a write through that waited and still leads', async () => {
    const transport = transportOver(wire);
    const first = transport.request({ method: 'DELETE', path: '/first', signal: SIGNAL });
    await eventually({ what: 'the first request', limitMs: 5000 }, () => answers.length === 1);
    const writing = transport.request(PATCH);
    answers[0]?.();
    await first;
    await eventually({ what: 'the write', limitMs: 5000 }, () => answers.length === 2);
    answers[1]?.();

    expect(await writing).toEqual({});
    expect(server.requests.at(-1)?.body).toBe('{}');
  });
});
