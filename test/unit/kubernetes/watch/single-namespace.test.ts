/** A reflector over one namespace that it may read and watch by name only, against a scripted server. */
import { describe, expect, it } from '@jest/globals';
import { ApiTransport } from '../../../../src/kubernetes/transport/api-transport.ts';
import { ObjectCache } from '../../../../src/kubernetes/watch/object-cache.ts';
import { projectNamespace } from '../../../../src/kubernetes/view/project-objects.ts';
import { unreadNamespace } from '../../../../src/kubernetes/view/unread-objects.ts';
import { Reflector } from '../../../../src/kubernetes/watch/reflector.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import { SingleNamespace } from '../../../../src/kubernetes/watch/single-namespace.ts';
import type { CachedNamespace } from '../../../../src/domain/state/observed.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import {
  Feed,
  frame,
  refusal,
  type ScriptedAnswer,
  ScriptedWire,
} from '../../../support/ports/scripted-wire.ts';

function team(version: number, uid = 'uid-1'): object {
  return { metadata: { name: 'team', uid, resourceVersion: String(version) } };
}

const bookmark = (version: number) =>
  frame('BOOKMARK', { metadata: { resourceVersion: String(version) } });
const ABSENT = refusal(404, 'NotFound');

/** `reads` answer GETs in turn, the last one for ever; a watch without a script is `everyWatch`, or quiet. */
async function start(script: {
  readonly reads: readonly ScriptedAnswer[];
  readonly watches?: readonly ScriptedAnswer[];
  readonly everyWatch?: ScriptedAnswer;
}) {
  const clock = new VirtualClock();
  const log = new RecordedLog();
  const reads = [...script.reads];
  const watches = [...(script.watches ?? [])];
  const wire = new ScriptedWire(({ streaming }) => {
    if (streaming === true) return watches.shift() ?? script.everyWatch ?? { body: new Feed() };
    return (reads.length > 1 ? reads.shift() : reads[0]) ?? 'hang';
  });
  const budget = new RequestBudget({ clock, qps: 1000, burst: 1000 });
  const cache = new ObjectCache<CachedNamespace>(log);
  const reflector = new Reflector<CachedNamespace>({
    resource: 'namespaces',
    namespace: 'team',
    path: '/api/v1/namespaces/team',
    watchAccept: 'metadata',
    project: projectNamespace,
    unread: unreadNamespace,
    cache,
    transport: new SingleNamespace({
      name: 'team',
      transport: new ApiTransport({ wire, clock, budget }),
      clock,
      log,
    }),
    clock,
    random: () => 0,
    log,
  });
  reflector.start();
  await settle();
  const requested = () =>
    wire.requests.map(({ path, streaming }, n) => {
      const version = wire.queries[n]?.['resourceVersion'];
      return streaming === true ? `${path.split('?', 1).join('')} from ${version}` : path;
    });
  const known = () =>
    [...cache.all()].map(({ uid, resourceVersion }) => `${uid}@${resourceVersion}`);
  return { clock, log, wire, watches, cache, reflector, requested, known };
}

const READ = '/api/v1/namespaces/team';
const WATCH = '/api/v1/watch/namespaces/team';

describe('a reflector over a single namespace', () => {
  it('reads it, watches it by the old path, and reads it once more as soon as the watch is open', async () => {
    const { reflector, requested, known } = await start({ reads: [{ body: team(5) }] });

    expect(requested()).toEqual([READ, `${WATCH} from 0`, READ]);
    expect(known()).toEqual(['uid-1@5']);
    expect(reflector.state).toMatchObject({ synced: true, denied: undefined });
    await reflector.stop();
  });

  it.each([
    { what: 'its deletion', later: ABSENT, expected: [] },
    { what: 'a new one with its name', later: { body: team(9, 'uid-2') }, expected: ['uid-2@9'] },
    { what: 'a change', later: { body: team(8) }, expected: ['uid-1@8'] },
  ])('does not miss $what between the first read and the watch', async ({ later, expected }) => {
    const { reflector, known } = await start({ reads: [{ body: team(5) }, later] });

    expect(known()).toEqual(expected);
    await reflector.stop();
  });

  it('knows that it exists when it is too large to be read, until it is deleted', async () => {
    const feed = new Feed();
    const large = { ...team(5), filler: 'x'.repeat(600_000) };
    const reads = [{ body: large }, { body: large }];
    const { reflector, cache, known } = await start({ reads, watches: [{ body: feed }] });
    expect([...cache.all()]).toMatchObject([
      { uid: 'uid-1', resourceVersion: '5', tooLarge: true },
    ]);
    expect(reflector.state).toMatchObject({ synced: true });

    feed.push(frame('MODIFIED', team(6)), frame('MODIFIED', { ...large, ...team(7) }));
    await settle();
    expect(cache.tooLarge).toBe(1);
    feed.push(frame('DELETED', { ...large, ...team(8) }));
    await settle();

    expect(known()).toEqual([]);
    await reflector.stop();
  });

  it('accepts that it does not exist, and notices when it is created', async () => {
    const feed = new Feed();
    const { reflector, known } = await start({ reads: [ABSENT], watches: [{ body: feed }] });
    expect(reflector.state).toMatchObject({ synced: true, denied: undefined });

    feed.push(frame('ADDED', team(7)));
    await settle();

    expect(known()).toEqual(['uid-1@7']);
    await reflector.stop();
  });

  it('resumes from a bookmark after the end of a watch, without a read', async () => {
    const feed = new Feed();
    const rig = await start({ reads: [{ body: team(5) }], watches: [{ body: feed }] });
    feed.push(bookmark(40));
    await rig.clock.advance(60_000);
    feed.end();
    await rig.clock.advance(60_000);

    expect(rig.requested().slice(3)).toEqual([`${WATCH} from 40`]);
    await rig.reflector.stop();
  });

  it('starts again if a watch ends before the server has sent any version', async () => {
    const feed = new Feed();
    const rig = await start({
      reads: [ABSENT, ABSENT, { body: team(7) }],
      watches: [{ body: feed }],
    });
    feed.end();
    await rig.clock.advance(1_000);

    expect(rig.requested().slice(3)).toEqual([`${WATCH} from 0`, READ]);
    expect(rig.known()).toEqual(['uid-1@7']);
    await rig.reflector.stop();
  });

  it('reads it again if its version is too old to watch from', async () => {
    const feed = new Feed();
    const expired = { body: frame('ERROR', { code: 410, reason: 'Expired' }) };
    const rig = await start({ reads: [{ body: team(5) }], watches: [{ body: feed }, expired] });
    feed.end();
    await rig.clock.advance(5_000);

    expect(rig.requested().slice(3)).toEqual([`${WATCH} from 5`, READ, `${WATCH} from 0`, READ]);
    await rig.reflector.stop();
  });

  it('reports that it may not watch, and keeps reading', async () => {
    const everyWatch = refusal(403, 'Forbidden');
    const rig = await start({ reads: [{ body: team(5) }, { body: team(6) }], everyWatch });
    await rig.clock.advance(30_000);

    expect(rig.reflector.state.denied).toContain('403');
    expect(rig.known()).toEqual(['uid-1@6']);
    expect(rig.log.messages('error')).toEqual(['not allowed to list or watch']);
    await rig.reflector.stop();
  });

  it('reports a missing permission after several refusals, not after one', async () => {
    let isForbidden = false;
    const { clock, reflector } = await start({ reads: [refusal(403, 'Forbidden')] });
    void reflector.untilForbidden().then(() => {
      isForbidden = true;
    });
    await settle();
    expect(isForbidden).toBe(false);

    await clock.advance(5_000);
    expect(isForbidden).toBe(true);
    await reflector.stop();
  });

  it.each([404, 405])('keeps reading it if the watch is answered with %i', async (status) => {
    const rig = await start({
      reads: [{ body: team(5) }, { body: team(5) }, { body: team(6) }, ABSENT],
      everyWatch: refusal(status, 'NotServed'),
    });
    expect(rig.known()).toEqual(['uid-1@5']);
    await rig.clock.advance(30_000);
    expect(rig.known()).toEqual(['uid-1@6']);
    await rig.clock.advance(30_000);
    expect(rig.known()).toEqual([]);

    const before = rig.requested().length;
    await rig.clock.advance(10 * 60_000);
    expect(rig.requested().length - before).toBe(20);
    const { lastContactMs = -Infinity } = rig.reflector.state;
    expect(rig.clock.monotonicMs() - lastContactMs).toBeLessThan(30_001);
    await rig.reflector.stop();
  });

  it('closes a watch that it cannot use because the read after its opening fails', async () => {
    const rig = await start({
      reads: [{ body: team(5) }, refusal(500, 'InternalError'), { body: team(5) }],
    });
    expect(rig.wire.openBodies).toBeLessThanOrEqual(1);
    await rig.clock.advance(5_000);

    expect(rig.requested().filter((path) => path.startsWith(WATCH))).toHaveLength(2);
    expect(rig.wire.openBodies).toBe(1);
    await rig.reflector.stop();
    expect(rig.wire.openBodies).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });
});
