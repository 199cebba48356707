import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LeaseFields } from '../../../../src/controller/election/lease.ts';
import { LEASE_ANNOTATIONS } from '../../../../src/domain/contract.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import { KubernetesLeaseStore } from '../../../../src/kubernetes/lease/lease-store.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { failureOf } from '../../../support/suite/failure-of.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { INSTALLED_AS, OUR_USER } from '../../../support/cluster/install.ts';
import { transportOver } from '../../../support/ports/simulated-transport.ts';
import { OUR_RULES } from '../../../support/simulated/simulated-world.ts';

const { namespace } = INSTALLED_AS;
const NAME = 'ecr-pull-secrets';
const LEASE = { kind: 'Lease', namespace, name: NAME } as const;
const SIGNAL = new AbortController().signal;
const AT = new Date('2026-01-01T00:00:00.123Z');
const TERM: LeaseFields = {
  holder: 'a',
  acquiredAt: AT,
  renewedAt: AT,
  transitions: 3,
  durationMs: 15_000,
};

let clock: VirtualClock;
let cluster: SimulatedCluster;
let store: KubernetesLeaseStore;

beforeEach(async () => {
  clock = new VirtualClock();
  cluster = new SimulatedCluster({ clock });
  cluster.kubectl.createNamespace(namespace);
  cluster.setAccess(OUR_USER, OUR_RULES);
  store = storeFor(namespace);
});

function storeFor(where: string): KubernetesLeaseStore {
  const transport = transportOver(cluster.wire(OUR_USER), clock);
  return new KubernetesLeaseStore({
    transport,
    clock,
    namespace: where,
    name: NAME,
    fieldManager: 'ecr-pull-secrets',
  });
}

const renewed = (ms: number): LeaseFields => ({ ...TERM, renewedAt: new Date(AT.getTime() + ms) });
const conflict = expect.objectContaining({ code: 'CONFLICT' });

describe('the lease store', () => {
  it('returns none if there is none', async () => {
    expect(await store.read(SIGNAL)).toBeUndefined();
  });

  it('creates the lease, with the permissions of the installation, and reads it back', async () => {
    const made = await store.write(TERM, undefined, SIGNAL);

    expect(cluster.kubectl.get(LEASE)?.['spec']).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.123000Z',
      renewTime: '2026-01-01T00:00:00.123000Z',
      leaseTransitions: 3,
    });
    expect(await store.read(SIGNAL)).toEqual(made);
    expect(made).toMatchObject({ holder: 'a', transitions: 3, acquiredAt: AT });
  });

  it('renews the lease that it observed: another fingerprint, the same object', async () => {
    const made = await store.write(TERM, undefined, SIGNAL);
    const next = await store.write(renewed(2000), made, SIGNAL);

    expect(next.uid).toBe(made.uid);
    expect(next.fingerprint).not.toBe(made.fingerprint);
    expect(await store.read(SIGNAL)).toEqual(next);
  });

  it('sees no renewal in a change of metadata', async () => {
    const made = await store.write(TERM, undefined, SIGNAL);
    cluster.kubectl.annotate(LEASE, { note: 'hello' });
    const seen = await store.read(SIGNAL);

    expect(seen?.fingerprint).toBe(made.fingerprint);
    expect(seen?.resourceVersion).not.toBe(made.resourceVersion);
  });

  it.each([
    ['paused with a text', { [LEASE_ANNOTATIONS.paused]: 'by me' }, true],
    ['not paused with an empty one', { [LEASE_ANNOTATIONS.paused]: '' }, false],
    ['not paused without the annotation', { note: 'paused' }, false],
  ])('reads a lease as %s', async (_, annotations, paused) => {
    await store.write(TERM, undefined, SIGNAL);
    cluster.kubectl.annotate(LEASE, annotations);

    expect(await store.read(SIGNAL)).toMatchObject({ paused });
  });

  it('takes a lease that somebody has created with metadata only, and keeps that metadata', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    cluster.kubectl.create(LEASE, { metadata: { labels } });
    const found = await store.read(SIGNAL);
    expect(found).toMatchObject({ holder: '', transitions: 0, paused: false });

    const taken = await store.write(TERM, found, SIGNAL);
    expect([taken.uid, taken.holder]).toEqual([found?.uid, 'a']);
    expect(cluster.kubectl.get(LEASE)?.metadata.labels).toEqual(labels);
  });

  it('releases the lease with an empty holder, even if somebody else has written the field', async () => {
    await store.write(TERM, undefined, SIGNAL);
    cluster.kubectl.patch(LEASE, { spec: { holderIdentity: 'b' } });
    const seen = await store.read(SIGNAL);
    const cleared = await store.write({ ...TERM, holder: '' }, seen, SIGNAL);

    expect(cleared.holder).toBe('');
  });

  it.each([
    ['already exists when it is created', async () => undefined],
    [
      'has been renewed since',
      async () => {
        const seen = await store.read(SIGNAL);
        await store.write(renewed(2000), seen, SIGNAL);
        return seen;
      },
    ],
    [
      'has been deleted since',
      async () => {
        const seen = await store.read(SIGNAL);
        cluster.kubectl.delete(LEASE);
        return seen;
      },
    ],
    [
      'has been re-created since',
      async () => {
        const seen = await store.read(SIGNAL);
        cluster.kubectl.delete(LEASE);
        const made = await store.write(renewed(1000), undefined, SIGNAL);
        return seen === undefined ? seen : { ...made, uid: seen.uid };
      },
    ],
  ])('reports a conflict if the lease %s, and changes nothing', async (_, observe) => {
    await store.write(TERM, undefined, SIGNAL);
    const observed = await observe();
    const before = cluster.kubectl.get(LEASE);

    await expect(store.write(renewed(9000), observed, SIGNAL)).rejects.toEqual(conflict);
    expect(cluster.kubectl.get(LEASE)).toEqual(before);
  });

  it('treats forged times, durations and holders as text from others', async () => {
    await store.write(TERM, undefined, SIGNAL);
    cluster.kubectl.patch(LEASE, {
      spec: {
        holderIdentity: 'x\n'.repeat(2000),
        leaseDurationSeconds: 2_147_483_647,
        renewTime: '9999-12-31T23:59:59.000000Z',
      },
    });
    const seen = await store.read(SIGNAL);
    expect(seen?.holder).toMatch(/^x x .*…$/);
    expect(seen?.holder.length).toBeLessThanOrEqual(256);

    cluster.kubectl.patch(LEASE, { spec: null });
    expect(await store.read(SIGNAL)).toMatchObject({ holder: '', transitions: 0 });
  });

  it('says what a person must do if permissions are missing', async () => {
    cluster.setAccess(OUR_USER, []);
    const forbidden = store.read(SIGNAL);

    await expect(forbidden).rejects.toMatchObject({
      name: 'StalledError',
      message: expect.stringMatching(/^reading Lease .*is forbidden/),
      fix: 'grant the Role in manifests/install.yaml',
    });
    await expect(store.write(TERM, undefined, SIGNAL)).rejects.toThrow(/^creating Lease /);
  });

  it('says what a person must do if the namespace is missing', async () => {
    cluster.setAccess(OUR_USER, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
    const elsewhere = storeFor('nowhere');

    expect(await elsewhere.read(SIGNAL)).toBeUndefined();
    const creating = elsewhere.write(TERM, undefined, SIGNAL);
    await expect(creating).rejects.toMatchObject({
      name: 'StalledError',
      message: expect.stringContaining('the namespace does not exist'),
      fix: expect.stringContaining('--namespace'),
    });
  });

  it('gives up after five seconds, whatever it waits for', async () => {
    cluster.faults.add({ effect: { kind: 'hang' }, times: Infinity });
    const failure = failureOf(store.read(SIGNAL));
    await clock.advance(5000);
    expect(await failure).toMatchObject({ code: 'LEASE_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  it('gives up after five seconds even if the server asks it to retry later', async () => {
    const effect = { kind: 'answer', status: 429, retryAfterSeconds: 8 } as const;
    cluster.faults.add({ effect, times: Infinity });
    const failure = failureOf(store.read(SIGNAL));
    await clock.advance(5000);
    expect(await failure).toMatchObject({ code: 'LEASE_TIMEOUT' });
  });

  it('ends at once with the reason of an abort', async () => {
    cluster.faults.add({ effect: { kind: 'hang' } });
    const abort = new AbortController();
    const failure = failureOf(store.read(abort.signal));
    const reason = new TransientError('enough', { code: 'ENOUGH' });
    await clock.advance(0);
    abort.abort(reason);
    expect(await failure).toBe(reason);
  });

  it('does not mistake another answer for a lease', async () => {
    cluster.faults.add({ effect: { kind: 'answer', status: 200, body: { kind: 'Status' } } });

    await expect(store.read(SIGNAL)).rejects.toEqual(
      expect.objectContaining({ code: 'API_MALFORMED_ANSWER' }),
    );
  });
});
