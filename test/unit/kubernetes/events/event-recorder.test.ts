import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NamespaceEvent } from '../../../../src/controller/ports/events.ts';
import { EventRecorder } from '../../../../src/kubernetes/events/event-recorder.ts';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import type { ApiRequest, Transport } from '../../../../src/kubernetes/transport/transport.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { MINUTE_MS } from '../../../support/values/builders.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import { cachedNamespace, transportOver } from '../../../support/ports/simulated-transport.ts';

const FOREVER = { times: Infinity };
const PATIENCE_MS = 1000;

function recorderOver(
  transport: Transport,
  clock: VirtualClock,
  budget = { qps: 1000, burst: 1000 },
) {
  const log = new RecordedLog();
  const rig = { log, dropped: 0 };
  const recorder = new EventRecorder({
    transport,
    clock,
    log,
    reporter: 'pod-1',
    budget: new RequestBudget({ clock, ...budget }),
    onDropped: () => {
      rig.dropped += 1;
    },
  });
  return Object.assign(rig, { recorder });
}

describe('EventRecorder', () => {
  let clock: VirtualClock;
  let cluster: SimulatedCluster;
  let rig: ReturnType<typeof recorderOver>;
  beforeEach(async () => {
    clock = new VirtualClock();
    cluster = new SimulatedCluster({ clock });
    cluster.kubectl.createNamespace('team');
    await clock.advance(10);
    rig = recorderOver(transportOver(cluster.wire(), clock), clock);
  });
  const anEvent = (change: Partial<NamespaceEvent> = {}): NamespaceEvent => ({
    type: 'Warning',
    reason: 'WriteRefused',
    message: 'it was refused',
    namespace: 'team',
    about: { kind: 'Namespace', uid: cachedNamespace(cluster, 'team').uid },
    ...change,
  });
  const emit = async (change: Partial<NamespaceEvent> = {}) => {
    rig.recorder.emit(anEvent(change));
    await settle();
  };
  const events = () => cluster.kubectl.list('Event');
  const counts = () => events().map((event) => event['count']);

  it('writes an Event where the people of the namespace see it', async () => {
    await emit();
    expect(events()).toMatchObject([
      {
        metadata: { namespace: 'team' },
        involvedObject: { kind: 'Namespace', name: 'team', namespace: 'team' },
        type: 'Warning',
        reason: 'WriteRefused',
        message: 'it was refused',
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        source: { component: 'ecr-pull-secrets', host: 'pod-1' },
        reportingComponent: 'ecr-pull-secrets',
        reportingInstance: 'pod-1',
      },
    ]);
    expect(rig.dropped).toBe(0);
  });

  it('names the object that it is about', async () => {
    await emit({ about: { kind: 'ServiceAccount', name: 'app', uid: 'u' } });
    expect(events()).toMatchObject([
      { involvedObject: { kind: 'ServiceAccount', name: 'app', namespace: 'team', uid: 'u' } },
    ]);
  });

  it('finds a name for an object with a name of any length', async () => {
    for (let length = 195; length < 205; length += 1) {
      for (const middle of ['.', '-', '--']) {
        const name = `${'a'.repeat(length)}${middle}b`;
        await emit({ about: { kind: 'ServiceAccount', name, uid: name } });
      }
    }
    expect(rig.dropped).toBe(0);
    expect(events()).toHaveLength(30);
  });

  describe('given the same again', () => {
    it('is silent for five minutes, then increases the count', async () => {
      await emit();
      await clock.advance(5 * MINUTE_MS - 1);
      await emit();
      expect(cluster.writes).toHaveLength(1);

      await clock.advance(1);
      await emit();
      await emit();
      expect(cluster.writes).toHaveLength(2);
      expect(events()).toMatchObject([
        {
          count: 2,
          firstTimestamp: '2026-01-01T00:00:00Z',
          lastTimestamp: '2026-01-01T00:05:00Z',
        },
      ]);
    });

    it('ignores a different request id', async () => {
      const message = (id: string) => `denied (RequestID: ${id})`;
      await emit({ message: message('1c8d9a3e-6d5b-4a53-9f0e-2b7c0d1e2f3a') });
      await emit({ message: message('9F0E2B7C-6d5b-4a53-9f0e-2b7c0d1e2f3a') });
      expect(counts()).toEqual([1]);
    });

    it.each([
      ['message', { message: 'something else' }],
      ['reason', { reason: 'QuotaExceeded' }],
      ['object', { about: { kind: 'ServiceAccount', name: 'app', uid: 'u' } }],
      ['UID', { about: { kind: 'Namespace', uid: 'that of its successor' } }],
    ] as const)('emits one with another %s at once', async (_, change) => {
      await emit();
      await emit(change);
      expect(counts()).toEqual([1, 1]);
    });

    it('creates it again if the Event was deleted', async () => {
      await emit();
      for (const { metadata } of cluster.kubectl.list('Event')) {
        cluster.kubectl.delete({ kind: 'Event', namespace: 'team', name: metadata.name });
      }
      await clock.advance(5 * MINUTE_MS);
      await emit();
      expect(counts()).toEqual([2]);
    });

    it('is not silenced by a clock that was set back', async () => {
      await emit();
      clock.jump(-24 * 60 * MINUTE_MS);
      await clock.advance(5 * MINUTE_MS);
      await emit();
      expect(counts()).toEqual([2]);
    });
  });

  describe('given a message that always varies', () => {
    const refusals = async (count: number, everyMs: number) => {
      for (let n = 0; n < count; n += 1) {
        await emit({ message: `read tcp 10.0.0.1:${40_000 + n}->10.0.0.2:443: reset` });
        await clock.advance(everyMs);
      }
    };

    it('soon emits no more than one in five minutes', async () => {
      await refusals(60, MINUTE_MS);
      expect(cluster.writes.length).toBeLessThanOrEqual(10 + 60 / 5);
      expect(cluster.writes.length).toBeGreaterThan(10);
      expect(rig.dropped).toBe(0);
    });

    it('still emits another reason and another object at once', async () => {
      await refusals(20, 0);
      const before = cluster.writes.length;
      await emit({ reason: 'QuotaExceeded' });
      await emit({ about: { kind: 'ServiceAccount', name: 'app', uid: 'u' } });
      expect(cluster.writes).toHaveLength(before + 2);
    });
  });

  describe('with too many Events', () => {
    /** Few enough in one namespace that only their sum can be too many. */
    const emitMany = (count: number) => {
      for (let n = 0; n < count; n += 1) {
        const about = { kind: 'Namespace', uid: `u${n}` } as const;
        rig.recorder.emit(anEvent({ namespace: `team-${n % 15}`, about }));
      }
    };
    beforeEach(async () => {
      for (let n = 0; n < 15; n += 1) cluster.kubectl.createNamespace(`team-${n}`);
      await clock.advance(10);
    });

    it('lets no namespace block the Events of the others', async () => {
      for (let n = 0; n < 5_000; n += 1) {
        rig.recorder.emit(anEvent({ about: { kind: 'ServiceAccount', name: 'app', uid: `${n}` } }));
      }
      rig.recorder.emit(anEvent({ namespace: 'team-1', reason: 'ProfileNotAllowed' }));
      await clock.advance(10_000);

      expect(rig.dropped).toBeGreaterThanOrEqual(4_900);
      expect(events()).toContainEqual(expect.objectContaining({ reason: 'ProfileNotAllowed' }));
    });

    it('drops and counts what is over its queue, and has room again later', async () => {
      const hang = cluster.faults.add({ ...FOREVER, effect: { kind: 'delay', delayMs: 10 } });
      emitMany(600);
      expect(rig.dropped).toBeGreaterThanOrEqual(90);
      const dropped = rig.dropped;
      hang();
      await clock.advance(10_000);
      expect(events()).toHaveLength(600 - dropped);

      // What was dropped was not emitted: it may be emitted now.
      emitMany(600);
      await clock.advance(10_000);
      expect(events()).toHaveLength(600);
      expect(rig.dropped).toBe(dropped);
    });

    it('keeps to its budget', async () => {
      rig = recorderOver(transportOver(cluster.wire(), clock), clock, { qps: 5, burst: 50 });
      emitMany(100);
      await clock.advance(PATIENCE_MS);
      expect(cluster.writes.length).toBeLessThanOrEqual(55);
      await clock.advance(10_000);
      expect(cluster.writes).toHaveLength(100);
      expect(rig.dropped).toBe(0);
    });

    it('sends what is emitted at the very moment when the queue has run empty', async () => {
      for (let microtasks = 0; microtasks < 15; microtasks += 1) {
        const sent: unknown[] = [];
        const transport = {
          request: (request: unknown) => Promise.resolve(sent.push(request)),
        } as unknown as Transport;
        const { recorder } = recorderOver(transport, clock);
        recorder.emit(anEvent({ reason: 'First' }));
        for (let n = 0; n < microtasks; n += 1) await Promise.resolve();
        recorder.emit(anEvent({ reason: 'Second' }));
        await settle();
        expect(sent).toHaveLength(2);
      }
    });
  });

  describe('when Events hang', () => {
    const eventIn = (namespace: string, reason = 'WriteRefused') =>
      anEvent({ namespace, reason, about: { kind: 'Namespace', uid: `uid of ${namespace}` } });
    const hangIn = (namespaces: string) =>
      cluster.faults.add({
        ...FOREVER,
        match: ({ path }) => path.startsWith(`/api/v1/namespaces/${namespaces}`),
        effect: { kind: 'hang' },
      });
    const sentTo = (namespaces: string) =>
      cluster.writes.filter(({ path }) => path.startsWith(`/api/v1/namespaces/${namespaces}`));
    /** Until the Event of the healthy namespace is there. */
    const untilTold = async () => {
      const startMs = clock.monotonicMs();
      rig.recorder.emit(eventIn('team'));
      while (events().length === 0) await clock.advance(100);
      return clock.monotonicMs() - startMs;
    };

    it('sends those of other namespaces at once while those of one hang', async () => {
      hangIn('bad');
      for (let n = 0; n < 50; n += 1) rig.recorder.emit(eventIn('bad', `Reason${n}`));
      expect(await untilTold()).toBeLessThanOrEqual(100);
    });

    it('lets two hundred such namespaces delay the others by less than a minute', async () => {
      hangIn('bad-');
      for (let n = 0; n < 200; n += 1) rig.recorder.emit(eventIn(`bad-${n}`));
      expect(await untilTold()).toBeLessThan(MINUTE_MS);
    });

    it('gives up on each after five seconds, and has few in flight', async () => {
      const inFlight = { now: 0, most: 0 };
      const transport = {
        request: async ({ signal, onStart }: ApiRequest) => {
          inFlight.now += 1;
          inFlight.most = Math.max(inFlight.most, inFlight.now);
          onStart?.();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          inFlight.now -= 1;
          signal.throwIfAborted();
        },
      } as unknown as Transport;
      rig = recorderOver(transport, clock);
      for (let n = 0; n < 100; n += 1) rig.recorder.emit(eventIn(`bad-${n}`));
      await clock.advance(MINUTE_MS);

      expect(rig.dropped).toBe(100);
      expect(inFlight).toEqual({ now: 0, most: 20 });
    });

    it('does not count the time that it waits for its turn', async () => {
      rig = recorderOver(transportOver(cluster.wire(), clock), clock, { qps: 0.1, burst: 1 });
      rig.recorder.emit(anEvent({ reason: 'A' }));
      rig.recorder.emit(anEvent({ reason: 'B' }));
      await clock.advance(11_000);
      expect(events()).toHaveLength(2);
    });

    it('waits longer after each failure in a namespace, up to a minute', async () => {
      const heal = hangIn('bad');
      for (let n = 0; n < 50; n += 1) rig.recorder.emit(eventIn('bad', `Reason${n}`));
      await clock.advance(30 * MINUTE_MS);
      const tried = sentTo('bad').length;
      expect(tried).toBeGreaterThanOrEqual(25);
      expect(tried).toBeLessThanOrEqual(35);

      heal();
      cluster.kubectl.createNamespace('bad');
      await clock.advance(MINUTE_MS + 1000);
      expect(events()).toHaveLength(50 - tried);
    });
  });

  describe('when Events are refused', () => {
    it('never throws, drops one, counts it and continues after a while', async () => {
      const { faults } = cluster;
      faults.add({ effect: { kind: 'answer', status: 500, body: {} } });
      faults.add({ effect: { kind: 'refuse' } });
      await emit({ reason: 'A' });
      await emit({ reason: 'B' });
      await emit({ reason: 'C' });
      await clock.advance(MINUTE_MS);
      expect(rig.dropped).toBe(2);
      expect(events()).toMatchObject([{ reason: 'C' }]);
      expect(rig.log.lines.map(({ level }) => level)).toEqual(['debug', 'debug']);
    });

    it('may emit one again at once that could not be sent', async () => {
      cluster.faults.add({ effect: { kind: 'refuse' } });
      await emit();
      expect(rig.dropped).toBe(1);
      await emit();
      await clock.advance(MINUTE_MS);
      expect(counts()).toEqual([1]);
    });

    it('drops quietly the Events of a namespace that is terminating or gone', async () => {
      const event = anEvent();
      cluster.kubectl.delete({ kind: 'Namespace', name: 'team' });
      rig.recorder.emit(event);
      await settle();
      expect(events()).toEqual([]);

      await clock.advance(100);
      rig.recorder.emit({ ...event, reason: 'Other' });
      await settle();
      expect(cluster.writes).toHaveLength(2);
      expect(rig.dropped).toBe(0);
    });
  });

  describe('stopping', () => {
    it('sends what is queued first', async () => {
      cluster.faults.add({ ...FOREVER, effect: { kind: 'delay', delayMs: 100 } });
      for (const reason of ['A', 'B', 'C']) rig.recorder.emit(anEvent({ reason }));
      const stopped = rig.recorder.stop(10_000);
      await clock.advance(400);
      await stopped;
      expect(events()).toHaveLength(3);
      expect(clock.pending).toBe(0);
    });

    it('gives up after its grace period and counts what it could not send', async () => {
      cluster.faults.add({ ...FOREVER, effect: { kind: 'hang' } });
      for (const reason of ['A', 'B', 'C']) rig.recorder.emit(anEvent({ reason }));
      const stopped = rig.recorder.stop(2000);
      await clock.advance(2000);
      await stopped;
      expect(rig.dropped).toBe(3);
      expect(clock.pending).toBe(0);

      rig.recorder.emit(anEvent({ reason: 'D' }));
      await clock.advance(10_000);
      expect(cluster.requests).toHaveLength(1);
    });

    it('is done at once if nothing is queued', async () => {
      await rig.recorder.stop(10_000);
      expect(clock.pending).toBe(0);
    });
  });
});
