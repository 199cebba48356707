import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObsoleteError, TransientError } from '../../../../src/domain/errors.ts';
import type { CachedServiceAccount } from '../../../../src/domain/state/observed.ts';
import { ServiceAccountWriter } from '../../../../src/kubernetes/write/service-account-writer.ts';
import type { SimulatedCluster as Cluster } from '../../../../simulator/simulated-cluster.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { INSTANCE, SECRET_NAME } from '../../../support/values/builders.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { RecordedMeasurements } from '../../../support/ports/recorded-measurements.ts';
import { cachedAccount, transportOver } from '../../../support/ports/simulated-transport.ts';

const ACCOUNT = { kind: 'ServiceAccount', namespace: 'team', name: 'app' } as const;
const OURS = { name: SECRET_NAME };
const ATTEMPT = { signal: new AbortController().signal };

function open() {
  const clock = new VirtualClock();
  const cluster = new SimulatedCluster({ clock });
  cluster.kubectl.createNamespace('team');
  const measurements = new RecordedMeasurements();
  const absorbed: CachedServiceAccount[] = [];
  const newWriter = () =>
    new ServiceAccountWriter({
      transport: transportOver(cluster.wire(), clock),
      instance: INSTANCE,
      measurements,
      absorb: (account) => absorbed.push(account),
    });
  return { clock, cluster, measurements, absorbed, newWriter, writer: newWriter() };
}

function createAccount(cluster: Cluster, imagePullSecrets?: readonly object[]): void {
  const content = imagePullSecrets === undefined ? {} : { imagePullSecrets };
  cluster.kubectl.createServiceAccount('team', 'app', content);
}

function entriesOf(cluster: Cluster): unknown {
  return cluster.kubectl.get(ACCOUNT)?.['imagePullSecrets'];
}

describe('ServiceAccountWriter', () => {
  let rig: ReturnType<typeof open>;
  beforeEach(() => {
    rig = open();
  });
  const attach = (account = cachedAccount(rig.cluster, 'team', 'app')) =>
    rig.writer.attach(account, ATTEMPT);
  const detach = (account = cachedAccount(rig.cluster, 'team', 'app')) =>
    rig.writer.detach(account, ATTEMPT);

  describe('a list that is too long for the caches', () => {
    const long = Array.from({ length: 1_000 }, (_, n) => ({ name: `secret-${n}` }));

    it('is read before it is changed', async () => {
      createAccount(rig.cluster, long);
      expect(cachedAccount(rig.cluster, 'team', 'app').imagePullSecrets).toBeUndefined();

      await attach();
      expect(entriesOf(rig.cluster)).toEqual([...long, OURS]);
      await detach();

      expect(entriesOf(rig.cluster)).toEqual(long);
      expect(rig.cluster.requests.map(({ method }) => method)).toEqual([
        'GET',
        'PATCH',
        'GET',
        'PATCH',
      ]);
    });

    it('is left alone if by then the ServiceAccount is too large to be read', async () => {
      createAccount(rig.cluster, long);
      const observed = cachedAccount(rig.cluster, 'team', 'app');
      const fat = [{ name: 'x'.repeat(600_000) }];
      rig.cluster.kubectl.patch(ACCOUNT, { imagePullSecrets: fat });

      await expect(attach(observed)).rejects.toMatchObject({ code: 'CONFLICT' });

      expect(entriesOf(rig.cluster)).toEqual(fat);
      expect(rig.absorbed).toMatchObject([{ name: 'app', tooLarge: true }]);
    });
  });

  describe('attaching', () => {
    it.each([
      ['a ServiceAccount without a list', undefined, [OURS]],
      ['an empty list', [], [OURS]],
      [
        'references of others',
        [{ name: 'b' }, { name: 'a' }],
        [{ name: 'b' }, { name: 'a' }, OURS],
      ],
      [
        'references of others that are there twice',
        [{ name: 'a' }, { name: 'a' }],
        [{ name: 'a' }, { name: 'a' }, OURS],
      ],
      [
        'ours twice among others',
        [{ name: 'a' }, OURS, { name: 'b' }, OURS, OURS],
        [{ name: 'a' }, OURS, { name: 'b' }],
      ],
      ['a reference without a name', [{}, { name: 'a' }], [{}, { name: 'a' }, OURS]],
      [
        'fifty entries',
        Array.from({ length: 50 }, (_, n) => ({ name: `other-${n}` })),
        [...Array.from({ length: 50 }, (_, n) => ({ name: `other-${n}` })), OURS],
      ],
    ])('keeps content and order and has our reference once, given %s', async (_, before, after) => {
      createAccount(rig.cluster, before);
      await attach();

      expect(entriesOf(rig.cluster)).toEqual(after);
      expect(rig.measurements.all).toEqual({ 'ServiceAccount attach success': 1 });
    });

    it('changes nothing but the list', async () => {
      const annotations = { note: 'mine' };
      createAccount(rig.cluster);
      rig.cluster.kubectl.patch(ACCOUNT, {
        metadata: { annotations },
        secrets: [{ name: 'token' }],
        automountServiceAccountToken: false,
      });
      await attach();

      expect(rig.cluster.kubectl.get(ACCOUNT)).toMatchObject({
        metadata: { annotations },
        secrets: [{ name: 'token' }],
        automountServiceAccountToken: false,
      });
    });

    it('sends no request if our reference is already there once', async () => {
      createAccount(rig.cluster, [OURS, { name: 'a' }]);
      await attach();
      expect(rig.cluster.requests).toEqual([]);
    });

    it('applies the answer to the cache, so that the next pass sees its own write', async () => {
      createAccount(rig.cluster);
      await attach();
      expect(rig.absorbed).toEqual([cachedAccount(rig.cluster, 'team', 'app')]);
    });
  });

  describe('detaching', () => {
    it('removes all our references and no others', async () => {
      createAccount(rig.cluster, [OURS, { name: 'a' }, OURS, { name: 'b' }]);
      await detach();
      expect(entriesOf(rig.cluster)).toEqual([{ name: 'a' }, { name: 'b' }]);
      expect(rig.measurements.all).toEqual({ 'ServiceAccount detach success': 1 });
    });

    it('sends no request if our reference is not there', async () => {
      createAccount(rig.cluster, [{ name: 'a' }]);
      await detach();
      expect(rig.cluster.requests).toEqual([]);
    });
  });

  describe('racing with others', () => {
    it('reads again and keeps the other’s change', async () => {
      createAccount(rig.cluster, [{ name: 'a' }]);
      const stale = cachedAccount(rig.cluster, 'team', 'app');
      rig.cluster.kubectl.patch(ACCOUNT, { imagePullSecrets: [{ name: 'z' }, { name: 'a' }] });
      await attach(stale);

      expect(entriesOf(rig.cluster)).toEqual([{ name: 'z' }, { name: 'a' }, OURS]);
      expect(rig.measurements.all).toEqual({
        'ServiceAccount conflict': 1,
        'ServiceAccount attach success': 1,
      });
      expect(rig.cluster.requests.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PATCH']);
    });

    it('is done if the other has attached our reference meanwhile', async () => {
      createAccount(rig.cluster);
      const stale = cachedAccount(rig.cluster, 'team', 'app');
      await rig.newWriter().attach(stale, ATTEMPT);
      await attach(stale);
      expect(entriesOf(rig.cluster)).toEqual([OURS]);
    });

    it('gives up after a few lost races, as a transient failure', async () => {
      createAccount(rig.cluster);
      const stale = cachedAccount(rig.cluster, 'team', 'app');
      let n = 0;
      rig.cluster.faults.add({
        times: Infinity,
        effect: { kind: 'delay', delayMs: 0 },
        match: ({ method }) => {
          // Somebody is faster each time.
          if (method === 'PATCH') {
            rig.cluster.kubectl.annotate(ACCOUNT, { n: String((n += 1)) });
          }
          return false;
        },
      });
      const lost = attach(stale);

      await expect(lost).rejects.toMatchObject({
        name: 'TransientError',
        code: 'CONFLICT',
        message:
          'attaching ServiceAccount "app" in namespace "team": somebody else changed it at the same time',
      });
      expect(n).toBe(5);
      expect(entriesOf(rig.cluster)).toBeUndefined();
      expect(rig.measurements.all).toEqual({
        'ServiceAccount conflict': 5,
        'ServiceAccount attach failure': 1,
      });
    });
  });

  describe('when the object has changed', () => {
    it('does not touch a re-created one', async () => {
      createAccount(rig.cluster);
      const old = cachedAccount(rig.cluster, 'team', 'app');
      rig.cluster.kubectl.delete(ACCOUNT);
      createAccount(rig.cluster, [{ name: 'a' }]);
      const change = attach(old);

      await expect(change).rejects.toMatchObject({ name: 'TransientError', code: 'CONFLICT' });
      expect(entriesOf(rig.cluster)).toEqual([{ name: 'a' }]);
      expect(rig.absorbed).toEqual([cachedAccount(rig.cluster, 'team', 'app')]);
    });

    it('has nothing to do if it is gone', async () => {
      createAccount(rig.cluster);
      const old = cachedAccount(rig.cluster, 'team', 'app');
      rig.cluster.kubectl.delete(ACCOUNT);
      await expect(attach(old)).rejects.toThrow(ObsoleteError);
      await expect(detach({ ...old, imagePullSecrets: [OURS] })).rejects.toThrow(ObsoleteError);
    });

    it('has nothing to do if it disappears between a lost race and the fresh read', async () => {
      createAccount(rig.cluster);
      const stale = cachedAccount(rig.cluster, 'team', 'app');
      rig.cluster.kubectl.annotate(ACCOUNT, { n: '1' });
      rig.cluster.faults.add({
        match: ({ method }) => {
          if (method === 'GET') rig.cluster.kubectl.delete(ACCOUNT);
          return false;
        },
        effect: { kind: 'refuse' },
      });
      await expect(attach(stale)).rejects.toThrow(ObsoleteError);
    });

    it('has nothing to do if the namespace is gone', async () => {
      createAccount(rig.cluster);
      const old = cachedAccount(rig.cluster, 'team', 'app');
      rig.cluster.kubectl.delete({ kind: 'Namespace', name: 'team' });
      await rig.clock.advance(50);
      await expect(attach(old)).rejects.toThrow(ObsoleteError);
    });
  });

  it('reports missing permissions to the namespace’s people', async () => {
    createAccount(rig.cluster);
    const writer = new ServiceAccountWriter({
      transport: transportOver(rig.cluster.wire('nobody'), rig.clock),
      instance: INSTANCE,
      measurements: rig.measurements,
      absorb: () => undefined,
    });
    const change = writer.attach(cachedAccount(rig.cluster, 'team', 'app'), ATTEMPT);
    await expect(change).rejects.toMatchObject({
      code: 'WRITE_REFUSED',
      eventReason: 'WriteRefused',
      message: expect.stringContaining('cannot patch resource "serviceaccounts"') as unknown,
    });
  });

  it('does not count a write as done if the answer is not of the ServiceAccount', async () => {
    createAccount(rig.cluster);
    for (const body of [{}, { metadata: { name: 'app', namespace: 'team', uid: 'another' } }]) {
      rig.cluster.faults.add({ effect: { kind: 'answer', status: 200, body } });
      await expect(attach()).rejects.toMatchObject({ code: 'API_MALFORMED_ANSWER' });
    }
    expect(rig.measurements.all).toEqual({ 'ServiceAccount attach failure': 2 });
  });

  it.each(['PLAN_OUTDATED', 'NOT_LEADING'])(
    'counts a write that is not sent as dropped: %s',
    async (code) => {
      createAccount(rig.cluster);
      const confirm = (): never => {
        throw new TransientError('not any more', { code });
      };
      const account = cachedAccount(rig.cluster, 'team', 'app');

      await expect(rig.writer.attach(account, { ...ATTEMPT, confirm })).rejects.toMatchObject({
        code,
      });
      expect(rig.measurements.all).toEqual({ 'ServiceAccount attach dropped': 1 });
    },
  );

  it('passes on an error that is not a refusal, and the caller’s own abort', async () => {
    createAccount(rig.cluster);
    rig.cluster.faults.add({ effect: { kind: 'lose-answer' } });
    const account = cachedAccount(rig.cluster, 'team', 'app');
    await expect(attach(account)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
    // It was done all the same; the next attempt finds that out.
    await attach(account);
    expect(entriesOf(rig.cluster)).toEqual([OURS]);

    const reason = new Error('stopped');
    const aborted = rig.writer.detach(cachedAccount(rig.cluster, 'team', 'app'), {
      signal: AbortSignal.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });
});
