import { beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedAws } from '../../../../simulator/aws/simulated-aws.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

const SIGNATURE =
  'AWS4-HMAC-SHA256 Credential=AKIAFAKE/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0';

describe('SimulatedAws', () => {
  let clock: VirtualClock;
  let aws: SimulatedAws;

  beforeEach(() => {
    clock = new VirtualClock();
    aws = new SimulatedAws({ clock, marker: 'marker', account: '123456789012' });
  });

  function ask(
    body: string,
    headers: Readonly<Record<string, string>> = {},
    signal = new AbortController().signal,
  ) {
    const url = 'https://sts.eu-west-1.amazonaws.com/';
    return aws.wire().send({ method: 'POST', url, headers, body, signal });
  }

  it('returns the caller’s identity: the account, or the role that was assumed', async () => {
    const role = 'arn:aws:iam::210987654321:role/puller';
    const me = 'Action=GetCallerIdentity&Version=2011-06-15';
    const before = await ask(me, { authorization: SIGNATURE });
    const assumed = await ask(`Action=AssumeRole&RoleArn=${role}&RoleSessionName=tests`);
    const key = /<AccessKeyId>(\w+)</.exec(assumed.body)?.[1] ?? '';
    const after = await ask(me, { authorization: SIGNATURE.replace('AKIAFAKE', key) });

    expect(before.body).toContain('<Account>123456789012</Account>');
    expect(after.body).toContain('arn:aws:sts::210987654321:assumed-role/puller/tests');
    expect(aws.calls.map(({ action, region }) => [action, region])).toEqual([
      ['GetCallerIdentity', 'eu-west-1'],
      ['AssumeRole', ''],
      ['GetCallerIdentity', 'eu-west-1'],
    ]);
  });

  it('gives a session the requested lifetime, from the time of its clock', async () => {
    const { body } = await ask('Action=AssumeRoleWithWebIdentity&DurationSeconds=900');

    expect(body).toContain('<Expiration>2026-01-01T00:15:00.000Z</Expiration>');
  });

  it('refuses what it does not know, and records it', async () => {
    const answer = await ask('{}', { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.Foo' });

    expect(answer.status).toBe(501);
    expect(aws.calls).toMatchObject([{ service: 'unknown', action: 'Foo' }]);
  });

  it('asks its script first, and uses the mode for what the script does not answer', async () => {
    const scripted = { status: 418, body: 'tea', headers: { date: 'never' } };
    aws.script = ({ action }) => (action === 'AssumeRole' ? scripted : undefined);

    const headers = { 'content-type': 'text/plain', date: 'never' };
    expect(await ask('Action=AssumeRole')).toEqual({ ...scripted, headers });
    expect(await ask('Action=GetCallerIdentity')).toMatchObject({ status: 200 });
    expect(aws.calls.map(({ mode }) => mode)).toEqual(['scripted', 'ok']);
  });

  it('acts at once, and answers as late as it is set to', async () => {
    aws.latencyMs = 1_000;
    let status = 0;
    const call = ask('', {
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    });
    void call.then((answer) => {
      status = answer.status;
    });
    await clock.advance(999);

    expect([aws.tokensMinted, status]).toEqual([1, 0]);
    await clock.advance(1);
    expect(status).toBe(200);
  });

  it('accepts that a client disconnects, and keeps no timer for it', async () => {
    aws.latencyMs = 1_000;
    const leaving = new AbortController();
    const call = ask('Action=GetCallerIdentity', {}, leaving.signal);
    leaving.abort(new Error('left'));

    await expect(call).rejects.toThrow('left');
    expect(clock.pending).toBe(0);
    await expect(ask('Action=GetCallerIdentity', {}, leaving.signal)).rejects.toThrow('left');
    expect(aws.calls).toHaveLength(1);
  });
});
