import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { StalledError } from '../../../../src/domain/errors.ts';
import { ApiTransport } from '../../../../src/kubernetes/transport/api-transport.ts';
import { ObjectCache } from '../../../../src/kubernetes/watch/object-cache.ts';
import { Reflector } from '../../../../src/kubernetes/watch/reflector.ts';
import { findWatchFault } from '../../../../src/kubernetes/view/watch-fault.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import type { WireRequest } from '../../../../src/kubernetes/wire/wire.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import {
  Feed,
  frame,
  refusal,
  type ScriptedAnswer,
  ScriptedWire,
  statusOf,
} from '../../../support/ports/scripted-wire.ts';
import {
  type ObjectMeta,
  readObjectMeta,
} from '../../../../src/kubernetes/transport/object-meta.ts';

interface Thing extends ObjectMeta {
  readonly value?: string;
}

function object(name: string, version: number, more: { uid?: string; value?: string } = {}) {
  const { uid = `${name}#1`, value } = more;
  const metadata = { namespace: 'a', name, uid, resourceVersion: String(version) };
  return { metadata, ...(value === undefined ? {} : { value }) };
}

function list(version: number, objects: readonly object[], next?: string): ScriptedAnswer {
  const metadata = {
    resourceVersion: String(version),
    ...(next === undefined ? {} : { continue: next }),
  };
  return { body: { kind: 'SecretList', metadata, items: objects } };
}

const bookmark = (version: number) =>
  frame('BOOKMARK', { metadata: { resourceVersion: String(version) } });

const isWatch = (request: WireRequest): boolean => request.streaming === true;

function start({ random = () => 0 }: { random?: () => number } = {}) {
  const clock = new VirtualClock();
  const log = new RecordedLog();
  const wire = new ScriptedWire();
  const lists: ScriptedAnswer[] = [];
  const watches: ScriptedAnswer[] = [];
  wire.rule = (request) =>
    (isWatch(request) ? watches : lists).shift() ??
    (isWatch(request) ? { body: new Feed() } : 'hang');
  const cache = new ObjectCache<Thing>(log);
  const changes: string[] = [];
  cache.listen((change) => {
    changes.push(`${change.kind} ${change.object.name}@${change.object.resourceVersion}`);
  });
  const budget = new RequestBudget({ clock, qps: 1000, burst: 1000 });
  const endings: string[] = [];
  const reflector = new Reflector<Thing>({
    resource: 'secrets',
    path: '/api/v1/secrets',
    query: { fieldSelector: 'metadata.name=s' },
    listAccept: 'list/accept',
    watchAccept: 'watch/accept',
    project: (raw) => {
      const { value } = raw as { value?: string };
      if (value === 'poison') throw new Error('cannot read it');
      if (value === 'unwanted') return undefined;
      const meta = readObjectMeta(raw);
      return meta === undefined
        ? undefined
        : { ...meta, ...(value === undefined ? {} : { value }) };
    },
    unread: (meta, known) => ({ ...meta, value: `unread, was ${known?.value ?? 'unknown'}` }),
    cache,
    transport: new ApiTransport({ wire, clock, budget }),
    clock,
    random,
    log,
    onEnding: (cause) => endings.push(cause),
  });
  const requested = () =>
    wire.requests.map(
      (request, n) =>
        `${isWatch(request) ? 'watch' : 'list'} ${wire.queries[n]?.['resourceVersion'] ?? '-'}`,
    );
  const names = () => [...cache.all()].map(({ name }) => name).sort();
  return {
    clock,
    log,
    wire,
    lists,
    watches,
    cache,
    changes,
    endings,
    reflector,
    requested,
    names,
  };
}

/** Started, listed at 10 with `s`, watching a feed. */
async function watching(options?: Parameters<typeof start>[0]) {
  const rig = start(options);
  const feed = new Feed();
  rig.lists.push(list(10, [object('s', 5)]));
  rig.watches.push({ body: feed });
  rig.reflector.start();
  await settle();
  return { ...rig, feed };
}

describe('Reflector', () => {
  it('lists from the watch cache, then watches from there', async () => {
    const { wire, reflector, names } = await watching({ random: () => 0.5 });

    expect(names()).toEqual(['s']);
    expect(wire.queries).toEqual([
      { fieldSelector: 'metadata.name=s', resourceVersion: '0', limit: '500' },
      {
        fieldSelector: 'metadata.name=s',
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: '10',
        timeoutSeconds: '450',
      },
    ]);
    expect(wire.requests.map(({ headers }) => headers['accept'])).toEqual([
      'list/accept',
      'watch/accept',
    ]);
    await reflector.untilSynced();
    expect(reflector.state).toMatchObject({ synced: true, denied: undefined });
  });

  it.each([
    [0, '300'],
    [0.999, '600'],
  ])('asks for watches of 300 to 600 s (%d)', async (chance, seconds) => {
    const { wire } = await watching({ random: () => chance });

    expect(wire.queries[1]?.['timeoutSeconds']).toBe(seconds);
  });

  it('applies the events of the watch', async () => {
    const { feed, changes, reflector, clock } = await watching();
    await clock.advance(1000);

    feed.push(
      frame('ADDED', object('t', 11)),
      frame('MODIFIED', object('s', 12)),
      frame('DELETED', object('t', 13)),
      bookmark(20),
    );
    await settle();

    expect(changes).toEqual(['added s@5', 'added t@11', 'modified s@12', 'deleted t@11']);
    expect(reflector.state.lastEventAt).toEqual(clock.now());
  });

  it('lists page by page and keeps only the objects it wants', async () => {
    const { wire, lists, reflector, names } = start();
    lists.push(
      list(10, [object('a', 1), object('x', 2, { value: 'unwanted' })], 'token-1'),
      list(10, [object('b', 3)], 'token-2'),
      list(10, [object('c', 4)]),
    );

    reflector.start();
    await settle();

    expect(names()).toEqual(['a', 'b', 'c']);
    const continued = { fieldSelector: 'metadata.name=s', limit: '500' };
    expect(wire.queries.slice(1, 3)).toEqual([
      { ...continued, continue: 'token-1' },
      { ...continued, continue: 'token-2' },
    ]);
  });

  it('starts the list again when its continue token has expired, the last time in one piece', async () => {
    const { wire, lists, reflector, names } = start();
    const expired = refusal(410, 'Expired');
    lists.push(list(10, [object('gone', 1)], 'a'), expired);
    lists.push(list(11, [object('gone', 1)], 'b'), expired);
    lists.push(list(12, [object('s', 2)]));

    reflector.start();
    await settle();

    expect(names()).toEqual(['s']);
    expect(wire.queries[4]).toEqual({ fieldSelector: 'metadata.name=s', resourceVersion: '0' });
    expect(wire.queries[5]).toMatchObject({ resourceVersion: '12' });
  });

  it.each([
    ['an empty object', { body: {} }],
    ['no items', { body: { metadata: { resourceVersion: '11' } } }],
    ['no version', { body: { metadata: {}, items: [] } }],
    ['a page of a proxy', { body: '<html>' }],
    ['nothing', { body: '' }],
  ])('treats %s as a fault, not as an empty list', async (_, answer) => {
    const { clock, feed, lists, endings, names } = await watching();
    lists.push(answer, list(30, [object('s', 5)]));
    feed.push(frame('ERROR', statusOf(410, 'Expired')));

    await clock.advance(5000);

    expect(endings).toEqual(['gone', 'malformed']);
    expect(names()).toEqual(['s']);
  });

  it('accepts Go’s null as an empty list', async () => {
    const { lists, reflector } = start();
    lists.push({ body: { metadata: { resourceVersion: '10' }, items: null } });

    reflector.start();
    await settle();

    expect(reflector.state.synced).toBe(true);
  });
});

describe('Reflector that has not listed yet', () => {
  it('reports why, and what to do about it', async () => {
    const { clock, wire, reflector } = start();
    wire.rule = () => {
      const details = { code: 'CREDENTIALS', fix: 'check the files of the kubeconfig' };
      throw new StalledError('reading the credentials: ENOENT', details);
    };

    reflector.start();
    await settle();

    expect(findWatchFault([reflector], clock.monotonicMs())).toBe(
      'the first list is not complete: reading the credentials: ENOENT; check the files of the kubeconfig',
    );
  });
});

describe('Reflector after the end of a watch', () => {
  it('resumes at once from the last version when the server ends it', async () => {
    const { clock, feed, requested } = await watching();
    await clock.advance(60_000);
    feed.push(frame('MODIFIED', object('s', 12)), bookmark(15));
    await clock.advance(60_000);

    feed.end();
    await settle();

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 15']);
  });

  it('resumes when the connection is cut in the middle of a line', async () => {
    const { clock, feed, requested, changes } = await watching();
    await clock.advance(10_000);
    feed.push(frame('MODIFIED', object('s', 12)), '{"type":"ADD');
    await settle();

    feed.fail(new Error('terminated'));
    await settle();

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 12']);
    expect(changes).toEqual(['added s@5', 'modified s@12']);
  });

  it('resumes after 90 s of silence, which is no fault as long as the server answers', async () => {
    const { clock, requested, reflector, endings } = await watching();

    await clock.advance(89_999);
    expect(requested()).toEqual(['list 0', 'watch 10']);
    await clock.advance(1);

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 10']);
    expect(endings).toEqual(['silent']);
    expect(reflector.state.lastContactMs).toBe(clock.monotonicMs());
  });

  it('has no contact while the new request is unanswered', async () => {
    const { clock, watches, reflector, endings } = await watching({ random: () => 0.5 });
    const lastContactMs = clock.monotonicMs();
    watches.push('hang');

    await clock.advance(120_000);
    expect(endings).toEqual(['silent', 'unreachable']);
    expect(reflector.state.lastContactMs).toBe(lastContactMs);
    await clock.advance(1000);

    expect(reflector.state.lastContactMs).toBeGreaterThan(lastContactMs);
  });

  it('keeps nothing open and no timer running for what has ended', async () => {
    const { clock, wire, lists } = await watching();
    lists.push(list(10, []), list(10, []));
    const openTimers = clock.pending;

    await clock.advance(20 * 60_000);

    expect(clock.pending).toBe(openTimers);
    expect(wire.openBodies).toBe(1);
  });

  it('relists after several silent watches: versions of a restored etcd are below ours', async () => {
    const { clock, lists, requested, names } = await watching();
    lists.push(refusal(504, 'Timeout', { message: 'Too large resource version: 10, current: 4' }));
    lists.push(list(4, [object('restored', 3)]));

    await clock.advance(5 * 90_000 + 1000);

    expect(requested().slice(-3)).toEqual(['list 10', 'list -', 'watch 4']);
    expect(names()).toEqual(['restored']);
  });

  it('relists when a bookmark goes back in time', async () => {
    const { clock, feed, lists, requested } = await watching();
    lists.push(list(8, []));
    feed.push(bookmark(7));

    await clock.advance(1000);

    expect(requested()).toEqual(['list 0', 'watch 10', 'list 10', 'watch 8']);
  });

  it.each([
    ['of the status', (): ScriptedAnswer => refusal(410, 'Expired')],
    ['in a frame', (): ScriptedAnswer => ({ body: frame('ERROR', statusOf(410, 'Expired')) })],
  ])('relists, not older than what it knows, on the 410 %s', async (_, answer) => {
    const { clock, feed, lists, watches, wire, requested, changes } = await watching();
    await clock.advance(10_000);
    watches.push(answer());
    lists.push(list(50, [object('s', 5), object('new', 40)]));

    feed.end();
    await clock.advance(1000);

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 10', 'list 10', 'watch 50']);
    expect(wire.queries[3]).toEqual({
      fieldSelector: 'metadata.name=s',
      resourceVersion: '10',
      resourceVersionMatch: 'NotOlderThan',
      limit: '500',
    });
    expect(changes).toEqual(['added s@5', 'added new@40']);
  });

  it('notices on the relist what was deleted meanwhile, and reports the object', async () => {
    const { clock, feed, lists, changes } = await watching();
    lists.push(list(50, [object('other', 40)]));

    feed.push(frame('ERROR', statusOf(410, 'Expired')));
    await clock.advance(1000);

    expect(changes).toEqual(['added s@5', 'deleted s@5', 'added other@40']);
  });

  it.each([
    ['too old', refusal(410, 'Expired')],
    ['too new', refusal(504, 'Timeout', { causes: [{ reason: 'ResourceVersionTooLarge' }] })],
  ])('asks for the latest state when its version is %s for the server', async (_, answer) => {
    const { clock, feed, lists, wire, requested } = await watching();
    lists.push(answer, list(60, [object('s', 5)]));

    feed.push(frame('ERROR', statusOf(410, 'Expired')));
    await clock.advance(1000);

    expect(requested()).toEqual(['list 0', 'watch 10', 'list 10', 'list -', 'watch 60']);
    expect(wire.queries[3]).toEqual({ fieldSelector: 'metadata.name=s', limit: '500' });
  });

  it('relists at once three times, then every 30 s as long as needed', async () => {
    const { clock, wire, reflector } = start({ random: () => 0 });
    const startedAt = clock.now().getTime();
    const listedMs: number[] = [];
    wire.rule = (request) => {
      if (isWatch(request)) return refusal(410, 'Expired');
      listedMs.push(clock.now().getTime() - startedAt);
      return list(10, []);
    };
    reflector.start();

    await clock.advance(601_000);

    const later = Array.from({ length: 21 }, (_, n) => 150 + n * 30_000);
    expect(listedMs).toEqual([0, 50, 100, ...later]);
  });

  it('backs off on 429 as long as the server asks, without a relist', async () => {
    const { clock, feed, watches, requested } = await watching();
    await clock.advance(10_000);
    watches.push(refusal(429, 'TooManyRequests', { headers: { 'retry-after': '20' } }));
    feed.end();

    await clock.advance(19_999);
    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 10']);
    await clock.advance(1);

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 10', 'watch 10']);
  });

  it('retries other refusals with growing waits, and relists when that does not help', async () => {
    const { clock, feed, wire, lists, requested } = await watching({ random: () => 0.999 });
    await clock.advance(10_000);
    let refusals = 0;
    wire.rule = (request) => {
      if (!isWatch(request)) return lists.shift() ?? 'hang';
      refusals += 1;
      return refusals <= 5 ? refusal(500, 'InternalError') : { body: new Feed() };
    };
    lists.push(list(70, [object('s', 5)]));
    feed.end();

    await clock.advance(800 + 1600 + 3200 + 6400);
    expect(requested().slice(2)).toEqual(Array.from({ length: 5 }, () => 'watch 10'));
    await clock.advance(12_800);

    expect(requested().slice(-2)).toEqual(['list 10', 'watch 70']);
  });

  it.each([
    ['a refused connection', () => new Error('ECONNREFUSED')],
    ['a watch that ends as it begins', () => ({ body: '' })],
    ['a server error', () => refusal(503, 'ServiceUnavailable')],
    ['junk', () => ({ body: 'junk\n' })],
    ['an unknown frame', () => ({ body: frame('SURPRISE', {}) })],
    ['an error without a code', () => ({ body: frame('ERROR', {}) })],
  ])('never spins on %s', async (_, answer) => {
    const { clock, wire, reflector } = start({ random: () => 0.5 });
    wire.rule = (request) => (isWatch(request) ? answer() : list(10, [object('s', 5)]));
    reflector.start();

    await clock.advance(10 * 60_000);

    expect(wire.requests.length).toBeLessThan(120);
    expect(wire.requests.length).toBeGreaterThan(20);
  });

  it('warns about the fourth failure in a row, once', async () => {
    const { clock, wire, reflector, log } = start({ random: () => 0 });
    const warningsAt: number[] = [];
    wire.rule = (request) => {
      if (!isWatch(request)) return list(10, []);
      warningsAt.push(log.messages('warn').length);
      return refusal(500, 'InternalError');
    };
    reflector.start();

    await clock.advance(1_000);

    expect(warningsAt.slice(0, 6)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(log.messages('warn')).toEqual(['watch keeps failing']);
  });

  it('resumes before a frame that makes no sense, and relists to get past it if it stays', async () => {
    const { clock, wire, feed, lists, requested, changes } = await watching({ random: () => 0.5 });
    const broken = frame('ADDED', object('t', 12)) + '{"type":"ADDED","object":{"metadata":{}}}\n';
    let isHealthy = false;
    wire.rule = (request) => {
      if (!isWatch(request)) return lists.shift() ?? 'hang';
      if (isHealthy) return { body: new Feed() };
      return { body: '{"type":"ADDED","object":{"metadata":{}}}\n' };
    };
    lists.push(list(90, [object('s', 5), object('t', 12)]));

    feed.push(broken);
    await clock.advance(500);
    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 12']);
    isHealthy = false;
    await clock.advance(10_000);
    isHealthy = true;
    await clock.advance(30_000);

    expect(requested()).toContain('list 12');
    expect(requested().at(-1)).toBe('watch 90');
    expect(changes).toEqual(['added s@5', 'added t@12']);
  });

  it.each([
    ['', 0],
    [', also if the clock is set back', -24 * 3_600_000],
    [', also if the clock is set forward', 24 * 3_600_000],
  ])('relists every half hour, not older than what it knows%s', async (_, jumpMs) => {
    const { clock, wire, lists, watches, feed, requested, changes } = await watching();
    clock.jump(jumpMs);
    // How long the next session may last is decided now.
    const second = new Feed();
    watches.push({ body: second });
    feed.push(bookmark(20));
    await settle();
    feed.end();
    const keepWatchAlive = async (): Promise<void> => {
      second.push(bookmark(20));
      await clock.advance(60_000);
    };
    // The watch is alive, but an event was withheld.
    lists.push(list(100, [object('s', 99)]));
    for (let minute = 0; minute < 30; minute++) await keepWatchAlive();

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 20', 'list 20', 'watch 100']);
    expect(wire.queries[3]).toMatchObject({ resourceVersionMatch: 'NotOlderThan' });
    expect(changes).toEqual(['added s@5', 'modified s@99']);
  });
});

describe('Reflector without permission', () => {
  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
  ])('says so when its list is refused with %d, and recovers by itself', async (code, reason) => {
    const { clock, wire, log, reflector } = start({ random: () => 0.999 });
    let isAllowed = false;
    wire.rule = (request) => {
      if (!isAllowed) return refusal(code, reason, { message: 'cannot list secrets' });
      return isWatch(request) ? { body: new Feed() } : list(10, []);
    };
    reflector.start();
    await clock.advance(5 * 60_000);

    expect(reflector.state).toMatchObject({ synced: false });
    expect(reflector.state.denied).toContain('cannot list secrets');
    expect(log.messages('error')).toEqual(['not allowed to list or watch']);
    isAllowed = true;
    await clock.advance(30_000);

    expect(reflector.state).toMatchObject({ synced: true, denied: undefined });
  });

  /** With the number of requests by then. */
  async function requestsUntil(
    answers: (n: number) => ScriptedAnswer,
    isDone: (rig: Rig) => boolean,
  ) {
    const rig = start({ random: () => 0 });
    let isForbidden = false;
    void rig.reflector.untilForbidden().then(() => {
      isForbidden = true;
    });
    rig.wire.rule = () => answers(rig.wire.requests.length);
    rig.reflector.start();
    await settle();
    for (let n = 0; n < 40 && !isDone({ ...rig, isForbidden }); n++) await rig.clock.advance(50);
    const count = rig.wire.requests.length;
    await rig.reflector.stop();
    return isDone({ ...rig, isForbidden }) ? count : `never, in ${count}`;
  }
  type Rig = ReturnType<typeof start> & { readonly isForbidden: boolean };
  const denial = refusal(403, 'Forbidden');

  it('is sure of it at the sixth refusal in a row', async () => {
    const isCertain = ({ isForbidden }: Rig): boolean => isForbidden;
    expect(await requestsUntil(() => denial, isCertain)).toBe(6);
    // Any other answer in between restarts the count.
    const mixed = (n: number): ScriptedAnswer => (n === 5 ? refusal(500, 'InternalError') : denial);
    expect(await requestsUntil(mixed, isCertain)).toBe(11);
  });

  it('does not treat a refused token as a missing permission', async () => {
    const isCertain = ({ isForbidden }: Rig): boolean => isForbidden;
    expect(await requestsUntil(() => refusal(401, 'Unauthorized'), isCertain)).toMatch(/^never/);
  });

  it('reports it at the third refusal: a server that is starting refuses everybody', async () => {
    const isDone = ({ log }: Rig): boolean => log.messages('error').length > 0;
    expect(await requestsUntil(() => denial, isDone)).toBe(3);
  });

  it('relies on lists when only the watch is refused, and does not count as healthy', async () => {
    const { clock, wire, lists, reflector, names } = start({ random: () => 0.999 });
    let items = [object('s', 5)];
    wire.rule = (request) =>
      isWatch(request) ? refusal(403, 'Forbidden') : (lists.shift() ?? list(10, items));
    reflector.start();
    await clock.advance(60_000);
    expect(reflector.state).toMatchObject({ synced: true });
    expect(reflector.state.denied).toContain('403');

    items = [object('t', 9)];
    await clock.advance(31_000);

    expect(names()).toEqual(['t']);
    expect(reflector.state.denied).toContain('403');
  });
});

describe('Reflector and objects that are too large to be read', () => {
  const FAT = { value: 'x'.repeat(600_000) };
  const SMALL = { value: 'small' };

  it('knows that they exist, through watches and lists, until they are deleted', async () => {
    const { clock, feed, lists, watches, cache, log, changes } = await watching();
    const state = () => [...cache.all()].map(({ name, value }) => `${name}: ${value}`);
    const relist = async (version: number, objects: readonly object[]): Promise<Feed> => {
      const next = new Feed();
      lists.push(list(version, objects));
      watches.push({ body: next });
      watched.push(frame('ERROR', statusOf(410, 'Expired')));
      await clock.advance(60_000);
      return next;
    };
    let watched = feed;
    watched.push(
      frame('MODIFIED', object('s', 11, SMALL)),
      frame('MODIFIED', object('s', 12, FAT)),
    );
    await settle();
    expect(state()).toEqual(['s: unread, was small']);

    watched = await relist(20, [object('s', 12, FAT), object('t', 15, FAT)]);
    expect(state()).toEqual(['s: unread, was small', 't: unread, was unknown']);

    watched.push(frame('MODIFIED', object('t', 21, SMALL)), frame('DELETED', object('s', 22, FAT)));
    await settle();
    expect(state()).toEqual(['t: small']);

    watched = await relist(30, [object('t', 25, FAT), object('u', 26, FAT)]);
    watched = await relist(40, [object('t', 25, FAT)]);
    expect(state()).toEqual(['t: unread, was small']);
    expect(changes.filter((change) => change.startsWith('deleted'))).toEqual([
      'deleted s@12',
      'deleted u@26',
    ]);
    expect(log.messages('warn')).toEqual(['object is too large to be read']);
  });

  it('keeps everything if a list has one that nothing identifies', async () => {
    const { clock, feed, lists, names } = await watching();
    const nameless = { ...FAT, metadata: { namespace: 'a', uid: 'u', resourceVersion: '11' } };
    for (let n = 0; n < 20; n += 1) lists.push(list(20, [object('t', 12), nameless]));

    feed.push(frame('ERROR', statusOf(410, 'Expired')));
    await clock.advance(60_000);

    expect(names()).toEqual(['s']);
  });

  it('ends a watch that reports one that nothing identifies, and lists again after several', async () => {
    const { clock, feed, lists, watches, names, endings } = await watching();
    const line = frame('MODIFIED', { ...FAT, metadata: { namespace: 'a', uid: 'u' } });
    for (let n = 0; n < 4; n += 1) watches.push({ body: line });
    lists.push(list(20, [object('t', 12)]));

    feed.push(line);
    await clock.advance(120_000);

    expect(endings.slice(0, 5)).toEqual(Array(5).fill('malformed'));
    expect(names()).toEqual(['t']);
  });

  it('warns about a namespace once in five minutes', async () => {
    const { clock, feed, log } = await watching();
    for (let version = 11; version < 31; version += 2) {
      feed.push(frame('MODIFIED', object('s', version, FAT)));
      feed.push(frame('MODIFIED', object('s', version + 1, SMALL)));
    }
    await settle();
    expect(log.messages('warn')).toHaveLength(1);

    for (let minute = 1; minute <= 5; minute += 1) {
      await clock.advance(60_000);
      feed.push(bookmark(30 + minute));
    }
    feed.push(frame('MODIFIED', object('s', 40, FAT)));
    await settle();

    expect(log.messages('warn')).toHaveLength(2);
  });
});

describe('Reflector and bad objects', () => {
  it('keeps the last known state of an object that it can no longer read', async () => {
    const { clock, feed, lists, cache, log, requested } = await watching();

    feed.push(frame('MODIFIED', object('s', 12, { value: 'poison' })));
    await settle();
    expect(cache.get('a', 's')?.resourceVersion).toBe('5');
    lists.push(list(50, [object('s', 12, { value: 'poison' }), object('t', 13)]));
    feed.push(frame('ERROR', statusOf(410, 'Expired')));
    await clock.advance(1000);

    expect([...cache.all()].map(({ name }) => name)).toEqual(['s', 't']);
    expect(requested().at(-1)).toBe('watch 50');
    expect(log.messages('error')).toEqual(['object cannot be read', 'object cannot be read']);
  });

  it('forgets an object that it no longer wants', async () => {
    const { feed, names } = await watching();

    feed.push(frame('MODIFIED', object('s', 12, { value: 'unwanted' })));
    await settle();

    expect(names()).toEqual([]);
  });

  it('survives whatever a server sends, and is correct again when the server is', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'ERROR', 'X'),
          object: fc.anything(),
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
        const { clock, wire, reflector, names } = start({ random: () => 0.5 });
        let isSane = false;
        wire.rule = (request) => {
          if (!isWatch(request)) return list(10, [object('s', 5)]);
          return isSane
            ? { body: new Feed() }
            : { body: lines.map((text) => `${text}\n`).join('') };
        };
        reflector.start();
        await clock.advance(60_000);
        isSane = true;

        await clock.advance(31 * 60_000);

        expect(names()).toEqual(['s']);
        expect(findWatchFault([reflector], clock.monotonicMs())).toBeUndefined();
        await reflector.stop();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

describe('Reflector.stop', () => {
  it('delivers nothing after it was called', async () => {
    const { feed, reflector, changes } = await watching();
    feed.push(frame('ADDED', object('t', 11)));

    const stopped = reflector.stop();
    feed.push(frame('ADDED', object('u', 12)));
    await stopped;
    await settle();

    expect(changes).toEqual(['added s@5']);
  });

  it.each([
    ['listing', (rig: ReturnType<typeof start>) => rig.lists.push('hang')],
    [
      'opening a watch',
      (rig: ReturnType<typeof start>) => {
        rig.lists.push(list(10, []));
        rig.watches.push('hang');
      },
    ],
    ['watching', (rig: ReturnType<typeof start>) => rig.lists.push(list(10, []))],
    ['waiting', (rig: ReturnType<typeof start>) => rig.lists.push(refusal(500, 'InternalError'))],
  ])('leaves nothing behind while %s', async (_, prepare) => {
    const rig = start({ random: () => 0.999 });
    prepare(rig);
    rig.reflector.start();
    await settle();

    await rig.reflector.stop();
    const requests = rig.wire.requests.length;
    await rig.clock.advance(60 * 60_000);

    expect(rig.wire.requests).toHaveLength(requests);
    // The requests before it had their answers.
    expect(rig.wire.requests.at(-1)?.signal.aborted).toBe(true);
    expect(rig.wire.openBodies).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });

  it('may be called twice, and so may start', async () => {
    const { wire, reflector } = await watching();
    reflector.start();
    await settle();
    expect(wire.requests).toHaveLength(2);

    await Promise.all([reflector.stop(), reflector.stop()]);
    await reflector.stop();

    expect(wire.openBodies).toBe(0);
  });

  it('can be started again, and resumes from where it was', async () => {
    const { feed, reflector, requested } = await watching();
    feed.push(bookmark(33));
    await settle();

    const stopping = reflector.stop();
    reflector.start();
    await stopping;
    await settle();

    expect(requested()).toEqual(['list 0', 'watch 10', 'watch 33']);
  });
});
