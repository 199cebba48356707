import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { StalledError, TransientError } from '../../../../src/domain/errors.ts';
import type { JsonPiece } from '../../../../src/kubernetes/json/json-piece.ts';
import { ApiTransport } from '../../../../src/kubernetes/transport/api-transport.ts';
import type { ReadObject } from '../../../../src/kubernetes/transport/read-object.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import type {
  ApiRequest,
  RequestObservation,
} from '../../../../src/kubernetes/transport/transport.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { CostlyClock } from '../../../support/ports/costly-clock.ts';
import { perTurn } from '../../../support/suite/per-turn.ts';
import {
  Feed,
  frame,
  refusal,
  type ScriptedAnswer,
  ScriptedWire,
} from '../../../support/ports/scripted-wire.ts';

const path = '/api/v1/namespaces/a/secrets/s';

function start({ qps = 50, burst = 100 } = {}) {
  const clock = new VirtualClock();
  const wire = new ScriptedWire();
  const budget = new RequestBudget({ clock, qps, burst });
  const observed: RequestObservation[] = [];
  const dates: unknown[] = [];
  const observer = {
    onRequest: (call: RequestObservation) => {
      observed.push(call);
    },
    onServerDate: (seen: unknown) => {
      dates.push(seen);
    },
  };
  const transport = new ApiTransport({ wire, clock, budget, observer });
  const abort = new AbortController();
  const get = (more: Partial<ApiRequest> = {}) =>
    transport.request({ method: 'GET', path, signal: abort.signal, ...more });
  const watch = (idleMs = 90_000) =>
    transport.stream(
      { method: 'GET', path: '/api/v1/secrets', query: { watch: true }, signal: abort.signal },
      idleMs,
    );
  const list = () => {
    const items: ReadObject[] = [];
    const request: ApiRequest = { method: 'GET', path: '/api/v1/secrets', signal: abort.signal };
    const done = transport.list(request, (item) => items.push(item));
    return { items, done, outcome: outcomeOf(done) };
  };
  return { clock, wire, budget, transport, observed, dates, abort, get, watch, list };
}

/** Collects what it throws, so that nothing is unhandled while the test moves the clock. */
function outcomeOf<T>(promise: Promise<T>): { error?: unknown; value?: T } {
  const outcome: { error?: unknown; value?: T } = {};
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

/** How many more requests the budget allows in the next second, once the saved ones are used up. */
async function qpsOf(budget: RequestBudget, clock: VirtualClock): Promise<number> {
  const abort = new AbortController();
  let passed = 0;
  for (let n = 0; n < 200; n++) {
    budget.take(abort.signal).then(
      () => (passed += 1),
      () => undefined,
    );
  }
  await settle();
  const saved = passed;
  await clock.advance(1000);
  abort.abort(new Error('counted'));
  return passed - saved;
}

function cutOff(): ScriptedAnswer {
  const body = new Feed();
  body.push('{"kind":');
  body.fail(new Error('terminated'));
  return { body };
}

async function linesOf(lines: AsyncIterable<JsonPiece>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line.kind === 'whole' ? line.text : line.kind);
  return found;
}

describe('ApiTransport.request', () => {
  it('returns the parsed answer', async () => {
    const { wire, get } = start();
    wire.queue({ body: { kind: 'Secret' } });

    expect(await get()).toEqual({ kind: 'Secret' });
  });

  it('sends path, encoded query, media types and body', async () => {
    const { wire, get } = start();
    wire.queue({}, {});

    await get({ query: { fieldSelector: 'metadata.name=a b', limit: 5, dryRun: undefined } });
    await get({
      method: 'PATCH',
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      contentType: 'application/merge-patch+json',
      body: '{"a":1}',
    });

    expect(wire.requests[0]).toMatchObject({
      method: 'GET',
      path: `${path}?fieldSelector=metadata.name%3Da+b&limit=5`,
      headers: { accept: 'application/json' },
    });
    expect(wire.requests[0]?.body).toBeUndefined();
    expect(wire.requests[1]).toMatchObject({
      method: 'PATCH',
      path,
      headers: {
        accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
        'content-type': 'application/merge-patch+json',
      },
      body: '{"a":1}',
    });
  });

  it('returns undefined for an empty answer', async () => {
    const { wire, get } = start();
    wire.queue({ status: 204, body: '' });

    expect(await get()).toBeUndefined();
  });

  it.each<[string, () => ScriptedAnswer, object]>([
    [
      'a refusal with its status, reason and causes',
      () => refusal(403, 'Forbidden', { causes: [{ reason: 'NamespaceTerminating' }] }),
      { status: 403, reason: 'Forbidden', causes: [{ reason: 'NamespaceTerminating' }] },
    ],
    ['API_UNREACHABLE when the answer is cut off', cutOff, { code: 'API_UNREACHABLE' }],
    [
      'API_MALFORMED_ANSWER for a page that is not JSON',
      () => ({ body: '<html>login</html>' }),
      { code: 'API_MALFORMED_ANSWER' },
    ],
    [
      'the error of the wire itself',
      () => new StalledError('fix the kubeconfig', { code: 'KUBECONFIG_INVALID' }),
      { message: 'fix the kubeconfig' },
    ],
  ])('throws %s', async (_, answer, error) => {
    const { wire, get } = start();
    wire.queue(answer());

    await expect(get()).rejects.toMatchObject(error);
  });

  it('names neither body, query nor headers in an error', async () => {
    const { wire, get } = start();
    wire.queue(refusal(422, 'Invalid'));

    const outcome = get({ method: 'PATCH', query: { q: 'inquery' }, body: '"inbody"' });

    await expect(outcome).rejects.toThrow(
      `calling PATCH ${path}: 422 Invalid: refused with Invalid`,
    );
  });

  it('throws API_UNREACHABLE with its cause when there is no answer', async () => {
    const { wire, get, observed } = start();
    const cause = new Error('connect ECONNREFUSED');
    wire.queue(cause);

    const { error } = await settled(get());

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'API_UNREACHABLE', cause });
    expect(observed).toMatchObject([{ status: 'error' }]);
  });

  it.each([
    ['hanging head', (): 'hang' => 'hang'],
    ['hanging body', () => ({ body: new Feed() })],
  ])('throws API_TIMEOUT after 30 s of a %s, and frees the connection', async (_, answer) => {
    const { clock, wire, get } = start();
    wire.queue(answer());
    const outcome = outcomeOf(get());

    await clock.advance(29_999);
    expect(outcome.error).toBeUndefined();
    await clock.advance(1);

    expect(outcome.error).toMatchObject({ code: 'API_TIMEOUT' });
    expect(wire.openBodies).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('throws the abort reason of the caller', async () => {
    const { wire, get, abort } = start();
    wire.queue('hang');
    const outcome = outcomeOf(get());
    await settle();

    abort.abort(new Error('lease lost'));
    await settle();

    expect(outcome.error).toEqual(new Error('lease lost'));
  });

  it('leaves nothing on a signal that lives as long as the process', async () => {
    const { clock, wire, get, abort } = start();
    wire.queue({}, refusal(404, 'NotFound'));

    await get();
    await settled(get());

    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('keeps to the budget', async () => {
    const { clock, wire, get } = start({ qps: 10, burst: 2 });
    wire.rule = () => ({});

    for (let n = 0; n < 4; n++) void get();
    await settle();
    expect(wire.requests).toHaveLength(2);
    await clock.advance(200);

    expect(wire.requests).toHaveLength(4);
  });

  it.each([3_600_000, -3_600_000])(
    'measures a call by monotonic time: a clock that jumps by %d ms changes nothing',
    async (jumpMs) => {
      const { clock, wire, get, observed } = start();
      wire.rule = async () => {
        await new Promise<void>((resolve) => {
          clock.after(40, resolve);
        });
        return {};
      };

      void get();
      await clock.advance(20);
      clock.jump(jumpMs);
      await clock.advance(20);

      expect(observed).toMatchObject([{ durationMs: 40 }]);
    },
  );

  it('sends many requests in portions, so that the rest of the process can run in between', async () => {
    const clock = new CostlyClock(new VirtualClock(), 0);
    let sent = 0;
    const wire = new ScriptedWire(() => {
      sent += 1;
      clock.spend(4);
      return { status: 200, body: '{}' };
    });
    const budget = new RequestBudget({ clock, qps: 50, burst: 100 });
    const transport = new ApiTransport({ wire, clock, budget });
    const { signal } = new AbortController();
    const all = Array.from({ length: 30 }, () =>
      transport.request({ method: 'GET', path, signal }),
    );
    const inEach = await perTurn(
      () => sent,
      () => sent === 30,
    );
    await Promise.all(all);

    expect(Math.max(...inEach)).toBeLessThanOrEqual(3);
  });

  it('observes every call and the server’s date', async () => {
    const { clock, wire, get, observed, dates } = start();
    wire.rule = async () => {
      await new Promise<void>((resolve) => {
        clock.after(40, resolve);
      });
      return { headers: { date: 'Thu, 01 Jan 2026 00:00:05 GMT' } };
    };

    void get();
    await clock.advance(40);

    expect(observed).toEqual([
      { method: 'GET', resource: 'secrets', watch: false, status: 200, durationMs: 40 },
    ]);
    expect(dates).toEqual([
      {
        serverDate: new Date('2026-01-01T00:00:05Z'),
        sentAt: new Date('2026-01-01T00:00:00.000Z'),
        receivedAt: new Date('2026-01-01T00:00:00.040Z'),
      },
    ]);
  });
});

describe('ApiTransport under throttling', () => {
  const throttled = (seconds?: number, code = 429) =>
    refusal(code, 'TooManyRequests', {
      headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
    });

  it.each([429, 503])('waits as long as a %s asks and tries once more', async (code) => {
    const { clock, wire, get } = start();
    wire.queue(throttled(3, code), { body: { ok: true } });
    const outcome = outcomeOf(get());

    await clock.advance(2999);
    expect(wire.requests).toHaveLength(1);
    await clock.advance(1);

    expect(outcome.value).toEqual({ ok: true });
  });

  it('holds everything else back meanwhile', async () => {
    const { clock, wire, get } = start();
    wire.queue(throttled(3));
    wire.rule = () => ({});
    void get();
    await settle();

    void get({ path: '/api/v1/namespaces' });
    await clock.advance(2999);
    expect(wire.requests).toHaveLength(1);
    await clock.advance(1);

    expect(wire.requests).toHaveLength(3);
  });

  it('gives up after the second time', async () => {
    const { clock, wire, get } = start();
    wire.rule = () => throttled(1);
    const outcome = outcomeOf(get());

    await clock.advance(60_000);

    expect(outcome.error).toMatchObject({ status: 429, retryAfterMs: 1000 });
    expect(wire.requests).toHaveLength(2);
  });

  it.each([
    ['a POST', 'POST', 1],
    ['a wait above 10 s', 'GET', 11],
    ['no Retry-After', 'GET', undefined],
  ] as const)('leaves the retry to the caller for %s', async (_, method, seconds) => {
    const { clock, wire, get } = start();
    wire.queue(throttled(seconds));
    const outcome = outcomeOf(get({ method }));

    await clock.advance(60_000);

    expect(outcome.error).toMatchObject({ code: 'API_THROTTLED' });
    expect(wire.requests).toHaveLength(1);
  });

  it('leaves everything else alone if an admission webhook asks to wait', async () => {
    const { wire, get } = start();
    const message = 'admission webhook "quota.example" denied the request: later';
    wire.queue(refusal(429, 'TooManyRequests', { message, headers: { 'retry-after': '3' } }), {});
    const refused = await settled(get({ method: 'PATCH' }));

    expect(refused.error).toMatchObject({ status: 429, isByWebhook: true });
    expect((await settled(get())).error).toBeUndefined();
    expect(wire.requests).toHaveLength(2);
  });

  it('counts no wait for a connection against the time of a request', async () => {
    const { clock, wire, get } = start();
    wire.rule = (request) => {
      clock.after(20_000, () => request.onStart?.());
      return 'hang';
    };
    const outcome = outcomeOf(get());

    await clock.advance(49_999);
    expect(outcome.error).toBeUndefined();
    await clock.advance(1);

    expect(outcome.error).toMatchObject({ code: 'API_TIMEOUT' });
  });

  it.each(['get', 'watch'] as const)(
    'halves the rate on a 429 to a %s, and restores it later',
    async (call) => {
      const { clock, wire, budget, ...calls } = start({ qps: 50 });
      wire.queue(throttled());

      await settled(calls[call]());

      // From 25 on it climbs: 26 pass in the first second.
      expect(await qpsOf(budget, clock)).toBe(26);
      await clock.advance(20_000);
      expect(await qpsOf(budget, clock)).toBe(50);
    },
  );
});

describe('ApiTransport.list', () => {
  it('passes each item on as soon as it is complete, and returns the rest of the list', async () => {
    const { wire, list } = start();
    const body = new Feed();
    wire.queue({ body });
    const { items, outcome } = list();
    body.push('{"metadata":{"resourceVersion":"5"},"items":[{"a":1},{"b"');
    await settle();
    expect(items).toEqual([{ kind: 'parsed', object: { a: 1 } }]);

    body.push(':2}]}');
    body.end();
    await settle();

    expect(items).toHaveLength(2);
    expect(outcome.value).toEqual({ metadata: { resourceVersion: '5' }, items: [] });
  });

  it('counts the time limit from the last chunk', async () => {
    const { clock, wire, list } = start();
    const body = new Feed();
    wire.queue({ body });
    const { outcome } = list();

    await clock.advance(29_999);
    body.push('{"items":[');
    await clock.advance(29_999);
    expect(outcome.error).toBeUndefined();
    await clock.advance(1);

    expect(outcome.error).toMatchObject({ code: 'API_TIMEOUT' });
    expect(clock.pending).toBe(0);
    expect(wire.openBodies).toBe(0);
  });

  it('throws API_UNREACHABLE when the connection breaks in the middle', async () => {
    const { wire, list } = start();
    const body = new Feed();
    body.push('{"items":[{},');
    body.fail(new Error('terminated'));
    wire.queue({ body });

    expect(await settled(list().done)).toMatchObject({ error: { code: 'API_UNREACHABLE' } });
  });

  it('throws API_MALFORMED_ANSWER for an item that is not JSON, and for what never ends', async () => {
    const { wire, list } = start();
    for (const body of ['{"items":[{"a":}]}', '{"items":[{},]}', 'x'.repeat(100_000)]) {
      wire.queue({ body });

      await expect(list().done).rejects.toMatchObject({ code: 'API_MALFORMED_ANSWER' });
    }
  });

  it('returns nothing for a list that was cut off', async () => {
    const { wire, list } = start();
    wire.queue({ body: '{"metadata":{"resourceVersion":"5"},"items":[{}' });

    expect(await list().done).toBeUndefined();
  });

  it('sends a refused list again before it has passed on any item', async () => {
    const { clock, wire, list } = start();
    wire.queue(refusal(429, 'TooManyRequests', { headers: { 'retry-after': '1' } }));
    wire.queue({ body: { items: [{}] } });
    const { items, outcome } = list();

    await clock.advance(3_000);

    expect(outcome.value).toEqual({ items: [] });
    expect(items).toHaveLength(1);
  });
});

describe('the size of an answer', () => {
  it('may be up to 2 MiB, and what is larger is not read to its end', async () => {
    const { wire, get } = start();
    const body = new Feed();
    body.push('"', 'x'.repeat(2 * 1024 * 1024));
    wire.queue({ body: { text: 'x'.repeat(2_000_000) } }, { body });

    expect(await get()).toHaveProperty('text.length', 2_000_000);
    await expect(get()).rejects.toMatchObject({ code: 'API_RESPONSE_TOO_LARGE' });
    expect(wire.openBodies).toBe(0);
  });

  it('is of no matter in a refusal: its start is read', async () => {
    const { wire, get } = start();
    const body = new Feed();
    body.push('a'.repeat(100_000));
    wire.queue({ status: 500, body });

    await expect(get()).rejects.toMatchObject({ status: 500 });
    expect(wire.openBodies).toBe(0);
  });
});

describe('ApiTransport.stream', () => {
  it('returns line by line what arrives', async () => {
    const { wire, watch, observed } = start();
    const body = new Feed();
    wire.queue({ body });
    const lines = linesOf(await watch());
    body.push('{"a":', '1}\n{"b":"', Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1));
    body.push('"}\n');
    body.end();

    expect(await lines).toEqual(['{"a":1}', '{"b":"é"}']);
    expect(wire.requests[0]).toMatchObject({ path: '/api/v1/secrets?watch=true', streaming: true });
    expect(observed).toMatchObject([{ watch: true, status: 200, resource: 'secrets' }]);
  });

  it('takes nothing from the budget', async () => {
    const { wire, budget, watch } = start({ qps: 1, burst: 1 });
    await budget.take(new AbortController().signal);
    wire.queue({ body: frame('ADDED', {}) });

    expect(await linesOf(await watch())).toHaveLength(1);
  });

  it('throws a refusal, and holds everything back for as long as a 429 asks', async () => {
    const { clock, wire, budget, watch } = start({ qps: 50 });
    wire.queue(refusal(429, 'TooManyRequests', { headers: { 'retry-after': '7' } }));

    const { error } = await settled(watch());

    expect(error).toMatchObject({ status: 429, retryAfterMs: 7000 });
    expect(await qpsOf(budget, clock)).toBe(0);
    expect(wire.openBodies).toBe(0);
  });

  it('throws API_TIMEOUT if not even the head of an answer comes', async () => {
    const { clock, wire, watch } = start();
    wire.queue('hang');
    const outcome = outcomeOf(watch());

    await clock.advance(30_000);

    expect(outcome.error).toMatchObject({ code: 'API_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  it('throws API_STREAM_IDLE after silence, counted from the last byte', async () => {
    const { clock, wire, watch } = start();
    const body = new Feed();
    wire.queue({ body });
    const outcome = outcomeOf(linesOf(await watch()));

    await clock.advance(89_999);
    body.push('{');
    await clock.advance(89_999);
    expect(outcome.error).toBeUndefined();
    await clock.advance(1);

    expect(outcome.error).toMatchObject({ code: 'API_STREAM_IDLE' });
    expect(wire.openBodies).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('throws API_STREAM_CUT when the connection breaks', async () => {
    const { wire, watch } = start();
    const body = new Feed();
    wire.queue({ body });
    const outcome = outcomeOf(linesOf(await watch()));
    body.push('{}\n');
    body.fail(new Error('ECONNRESET'));
    await settle();

    expect(outcome.error).toMatchObject({ code: 'API_STREAM_CUT' });
  });

  it('frees everything when the reader leaves', async () => {
    const { clock, wire, watch } = start();
    const body = new Feed();
    wire.queue({ body });
    body.push('{}\n');

    for await (const line of await watch()) {
      expect(line).toEqual({ kind: 'whole', text: '{}' });
      break;
    }

    expect(wire.openBodies).toBe(0);
    expect(wire.requests[0]?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('frees everything when the caller aborts, whether read or not', async () => {
    const { clock, wire, watch, abort } = start();
    wire.queue({ body: new Feed() }, { body: new Feed() });
    const read = outcomeOf(linesOf(await watch()));
    await watch();

    abort.abort(new Error('stopped'));
    await settle();

    expect(read.error).toEqual(new Error('stopped'));
    expect(wire.requests.every(({ signal }) => signal.aborted)).toBe(true);
    expect(wire.openBodies).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('throws API_LINE_TOO_LONG instead of keeping an endless line', async () => {
    const { wire, watch } = start();
    const body = new Feed();
    wire.queue({ body });
    const outcome = outcomeOf(linesOf(await watch()));
    body.push(...Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, 'x')));
    await settle();
    await settle();

    expect(outcome.error).toMatchObject({ code: 'API_LINE_TOO_LONG' });
    expect(wire.openBodies).toBe(0);
  });
});

async function settled<T>(promise: Promise<T>): Promise<{ error?: unknown; value?: T }> {
  const outcome = outcomeOf(promise);
  await settle();
  return outcome;
}
