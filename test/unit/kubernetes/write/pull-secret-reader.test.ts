import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SECRET_DATA_KEY } from '../../../../src/domain/contract.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { CachedPullSecret } from '../../../../src/domain/state/observed.ts';
import { entryOf, renderPullSecret } from '../../../../src/domain/state/pull-secret.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { PullSecretReader } from '../../../../src/kubernetes/write/pull-secret-reader.ts';
import { PullSecretWriter } from '../../../../src/kubernetes/write/pull-secret-writer.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { INSTANCE, SECRET_NAME, aToken } from '../../../support/values/builders.ts';
import { CANARY, holdsCanary } from '../../../support/suite/canary.ts';
import { failureOf } from '../../../support/suite/failure-of.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { OUR_USER } from '../../../support/cluster/install.ts';
import { RecordedMeasurements } from '../../../support/ports/recorded-measurements.ts';
import { cachedSecret, transportOver } from '../../../support/ports/simulated-transport.ts';
import { OUR_RULES } from '../../../support/simulated/simulated-world.ts';

const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const SIGNAL = new AbortController().signal;
/** At least as long as real tokens are. */
const AUTH = btoa(`AWS:${CANARY.repeat(8)}`);
const other = btoa('AWS:other');

describe('PullSecretReader', () => {
  let clock: VirtualClock;
  let cluster: SimulatedCluster;
  let absorbed: CachedPullSecret[];

  beforeEach(async () => {
    clock = new VirtualClock();
    cluster = new SimulatedCluster({ clock });
    cluster.setAccess(OUR_USER, OUR_RULES);
    cluster.kubectl.createNamespace('team');
    absorbed = [];
    const token = (auth: string) => aToken({ authorization: new SecretText(auth) });
    const entries = [
      entryOf('a', ['a.example'], token(AUTH)),
      entryOf('b', ['b.example'], token(other)),
    ];
    const writer = new PullSecretWriter({
      transport: transportOver(cluster.wire(OUR_USER), clock),
      measurements: new RecordedMeasurements(),
      instance: INSTANCE,
      absorb: () => undefined,
      forget: () => undefined,
    });
    const content = renderPullSecret(entries, { configHash: 'h', refreshRequestedAt: undefined });
    await writer.write('team', content, undefined, { signal: SIGNAL });
  });

  function readBack(existing = cachedSecret(cluster, 'team')) {
    const transport = transportOver(cluster.wire(OUR_USER), clock);
    const absorb = (record: CachedPullSecret) => absorbed.push(record);
    return new PullSecretReader({ transport, instance: INSTANCE, absorb }).readBack(existing, {
      signal: SIGNAL,
    });
  }

  function revealed(auths: ReadonlyMap<string, SecretText>): Readonly<Record<string, string>> {
    return Object.fromEntries([...auths].map(([host, auth]) => [host, auth.reveal()]));
  }

  it('returns what was written, by host, with the permissions of the installation, in one request', async () => {
    const before = cluster.requests.length;

    expect(revealed(await readBack())).toEqual({ 'a.example': AUTH, 'b.example': other });
    expect(cluster.requests.slice(before)).toMatchObject([{ method: 'GET', status: 200 }]);
    expect(absorbed).toEqual([]);
  });

  it('returns nothing that can be printed', async () => {
    const auths = await readBack();

    expect(holdsCanary(AUTH)).toBe(true);
    expect(holdsCanary(inspect(auths, { depth: 9, showHidden: true }))).toBe(false);
    expect(holdsCanary(JSON.stringify([...auths]))).toBe(false);
  });

  it('asks for another plan if the Secret has changed since it was observed, and applies the change to the cache', async () => {
    const observed = cachedSecret(cluster, 'team');
    cluster.kubectl.annotate(SECRET, { note: 'x' });

    expect(await failureOf(readBack(observed))).toMatchObject({ code: 'CONFLICT' });
    expect(absorbed).toEqual([cachedSecret(cluster, 'team')]);
    expect(holdsCanary(inspect(absorbed, { depth: 9 }))).toBe(false);
  });

  it('asks for another plan if it is gone, or another one is there', async () => {
    const observed = cachedSecret(cluster, 'team');
    cluster.kubectl.delete(SECRET);
    expect(await failureOf(readBack(observed))).toBeInstanceOf(TransientError);

    cluster.kubectl.apply(SECRET, { data: { [SECRET_DATA_KEY]: btoa('{}') } });
    const failure = await failureOf(readBack({ ...observed, resourceVersion: '1' }));
    expect(failure).toMatchObject({ code: 'CONFLICT' });
  });

  it('does not believe anything that somebody else wrote', async () => {
    const forged = { auths: { 'a.example': { auth: btoa('AWS:forged') } } };
    cluster.kubectl.patch(SECRET, { data: { [SECRET_DATA_KEY]: btoa(JSON.stringify(forged)) } });

    expect(await readBack()).toEqual(new Map());
  });

  it('does not believe content whose records somebody else wrote', async () => {
    cluster.kubectl.annotate(SECRET, { 'ecr-pull-secrets.io/tokens': '[]' });

    expect(await readBack()).toEqual(new Map());
  });

  const odd: Readonly<Record<string, unknown>> = {
    'a list': [AUTH],
    null: null,
    'no auths': {},
    'auths of another kind': { auths: AUTH },
    'an entry of another kind': { auths: { 'a.example': AUTH } },
    'an auth of another kind': { auths: { 'a.example': { auth: { AUTH } } } },
    'the auth of another user': { auths: { 'a.example': { auth: btoa(`me:${CANARY}`) } } },
    'no password': { auths: { 'a.example': { auth: btoa('AWS:') } } },
    'an auth that is not base64': { auths: { 'a.example': { auth: `AWS:${CANARY}` } } },
    'a hostile host': { auths: { ['__proto__']: { auth: 'x' }, constructor: { auth: '' } } },
  };
  it.each(Object.entries(odd))(
    'finds nothing in content that we would not write: %s',
    async (_, content) => {
      // As a client that applies under our name.
      const data = { [SECRET_DATA_KEY]: btoa(JSON.stringify(content)) };
      const { metadata } = cluster.kubectl.get(SECRET) ?? {
        metadata: { labels: {}, annotations: {} },
      };
      const { labels, annotations } = metadata;
      const body = {
        metadata: { labels, annotations },
        type: 'kubernetes.io/dockerconfigjson',
        data,
      };
      const asUs = { manager: INSTANCE.fieldManager, force: true };
      cluster.kubectl.apply(SECRET, body, asUs);

      expect(await readBack()).toEqual(new Map());
    },
  );

  it('finds nothing in content that cannot be read, and does not quote it', async () => {
    const text = `{"auths":{"a.example":{"auth":"${AUTH}"`;
    for (const data of [{ [SECRET_DATA_KEY]: btoa(text) }, { [SECRET_DATA_KEY]: 7 }, undefined]) {
      const body = { ...cluster.kubectl.get(SECRET), data };
      cluster.faults.add({ effect: { kind: 'answer', status: 200, body } });

      expect(await readBack()).toEqual(new Map());
    }
  });

  it('quotes no content in an error, whatever the server answers instead', async () => {
    const secret = cluster.kubectl.get(SECRET);
    const answers = [
      { status: 200, body: `${JSON.stringify(secret)}}` },
      { status: 500, body: secret },
      { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: AUTH } },
      { status: 200, body: JSON.stringify(secret).slice(0, -20) },
    ];
    for (const answer of answers) {
      const existing = cachedSecret(cluster, 'team');
      cluster.faults.add({ effect: { kind: 'answer', ...answer } });
      const failure = await failureOf(readBack(existing));

      expect(failure).toBeInstanceOf(TransientError);
      expect(holdsCanary(inspect(failure, { depth: 9 }))).toBe(false);
    }
  });
});
