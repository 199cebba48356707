import { beforeEach, describe, expect, it } from '@jest/globals';
import { newServerProbe, type ServerProbe } from '../../../src/kubernetes/server-probe.ts';
import { failureOf } from '../../support/suite/failure-of.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { refusal, ScriptedWire } from '../../support/ports/scripted-wire.ts';

const { signal } = new AbortController();

describe('the probe of an API server', () => {
  let clock: VirtualClock;
  let wire: ScriptedWire;
  let probe: ServerProbe;
  beforeEach(() => {
    clock = new VirtualClock();
    wire = new ScriptedWire();
    probe = newServerProbe({ address: 'https://a', openWire: () => wire }, clock);
  });

  it.each([
    [
      { major: '1', minor: '36', gitVersion: 'v1.36.3' },
      { text: 'v1.36.3', major: 1, minor: 36 },
    ],
    [
      { major: '1', minor: '30+', gitVersion: 'v1.30.5-eks-1' },
      { text: 'v1.30.5-eks-1', major: 1, minor: 30 },
    ],
    [{ major: '1', minor: 'x', gitVersion: 'v1' }, undefined],
    [{ hello: 'world' }, undefined],
  ])('reads the version %j', async (body, version) => {
    wire.queue({ body });
    expect(await probe.readVersion(signal)).toEqual(version);
  });

  it('asks for our user, and returns none if the server is too old to answer', async () => {
    wire.queue({ status: 201, body: { status: { userInfo: { username: 'jane' } } } });
    expect(await probe.readUser(signal)).toBe('jane');
    expect(wire.requests[0]).toMatchObject({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview","spec":{}}',
    });
    wire.queue(refusal(404, 'NotFound'));
    expect(await probe.readUser(signal)).toBeUndefined();
    wire.queue(refusal(403, 'Forbidden'));
    await expect(probe.readUser(signal)).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
  });

  it('treats only a plain yes as a permission', async () => {
    const permission = { verb: 'get', group: '', resource: 'secrets', name: 'mine' };
    for (const [status, allowed] of [
      [{ allowed: true }, true],
      [{ allowed: false }, false],
      [{ allowed: 'true' }, false],
      [undefined, false],
    ] as const) {
      wire.queue({ status: 201, body: { status } });
      expect(await probe.isAllowed(permission, signal)).toBe(allowed);
    }
    expect(JSON.parse(wire.requests[0]?.body ?? '')).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: permission },
    });
  });

  it('reports how far the server’s clock is off, to half a second, once it has answered', async () => {
    expect(probe.clockOffsetMs()).toBeUndefined();
    const date = new Date(clock.now().getTime() + 60_000).toUTCString();
    wire.queue({ headers: { date } });
    await probe.readVersion(signal);
    expect(probe.clockOffsetMs()).toBe(60_500);
  });

  it('waits for an answer no longer than a person would', async () => {
    wire.queue('hang');
    const failure = failureOf(probe.readVersion(signal));
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ code: 'API_TIMEOUT' });
  });
});
