import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Check } from '../../../src/doctor/check.ts';
import { examineAws } from '../../../src/doctor/examine-aws.ts';
import { renderCheck, renderJson } from '../../../src/doctor/render-checks.ts';
import { StalledError } from '../../../src/domain/errors.ts';
import { CANARY } from '../../support/suite/canary.ts';
import { HOST, parseOk } from '../../support/values/config-text.ts';
import { CALLER, FakeAwsProbe } from '../../support/ports/fake-aws-probe.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const FAR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const ALL_NAMESPACES = 'allowedNamespaces: {names: ["*"]}';
const TWO = `profiles:
  default: {registries: [${HOST}]}
  far: {registries: [${FAR}], ${ALL_NAMESPACES}}
  near: {registries: [${HOST}], ${ALL_NAMESPACES}}`;

describe('examineAws', () => {
  let clock: VirtualClock;
  let probe: FakeAwsProbe;
  beforeEach(() => {
    clock = new VirtualClock();
    probe = new FakeAwsProbe(clock);
  });

  async function examine(config: string, signal = new AbortController().signal) {
    const checks: Check[] = [];
    const { profiles } = parseOk(config).settings;
    for await (const check of examineAws(profiles, { probe, clock, signal })) checks.push(check);
    return checks;
  }
  const summaryOf = (checks: readonly Check[]) =>
    checks.map(({ name, subject, status }) => `${status} ${name} ${subject}`);

  it('asks once with each identity, however many profiles share it, and tries each registry', async () => {
    const checks = await examine(TWO);

    expect(summaryOf(checks)).toEqual([
      'ok identity default, near (eu-west-1)',
      'ok token default, near (eu-west-1)',
      `ok registry ${HOST}`,
      'ok identity far (us-east-1)',
      'ok token far (us-east-1)',
      `ok registry ${FAR}`,
      'ok clock AWS',
    ]);
    expect(checks[0]?.message).toBe(`default chain (auto): account 123456789012, ${CALLER}`);
    expect(checks[1]?.message).toContain('valid for 12 h 0 min, until 2026-01-01T12:00:00.000Z');
    expect(probe.questions).toHaveLength(6);
  });

  it('shows no token, in text or JSON', async () => {
    const checks = await examine(TWO);
    expect(checks.map(renderCheck).join('') + renderJson(checks)).not.toContain(CANARY);
  });

  it('tries the registry that the answer names if none is configured', async () => {
    expect(summaryOf(await examine('{}'))).toContain(`ok registry ${HOST}`);
  });

  it('continues with the others if one identity has no credentials, and mints nothing with that one', async () => {
    const error = new StalledError('no AWS credentials: there are none', {
      code: 'AWS_NO_CREDENTIALS',
      fix: 'give some',
    });
    probe.caller = ({ region }) =>
      region === 'us-east-1'
        ? { kind: 'noCredentials', error }
        : { kind: 'known', account: '123456789012', arn: CALLER };

    const checks = await examine(TWO);

    expect(summaryOf(checks).slice(2, 6)).toEqual([
      `ok registry ${HOST}`,
      'failed identity far (us-east-1)',
      'skipped token far (us-east-1)',
      'ok clock AWS',
    ]);
    expect(checks[3]).toMatchObject({
      message: 'default chain (auto): no AWS credentials: there are none',
      fix: 'give some',
    });
    expect(probe.questions).not.toContain('mint us-east-1');
  });

  it('only warns if STS returns no identity, since minting does not need one', async () => {
    probe.caller = () => ({ kind: 'unknown', reason: 'HTTP 503' });

    const [identity, token] = await examine('{}');

    expect(identity).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('HTTP 503'),
    });
    expect(token?.status).toBe('ok');
  });

  it('warns about the role of a node, whose permissions every Pod would share', async () => {
    const arn = 'arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0';
    probe.caller = () => ({ kind: 'known', account: '123456789012', arn });

    const [identity] = await examine('{}');

    expect(identity).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('the role of a node'),
      fix: expect.stringContaining('only pull'),
    });
  });

  it('fails if no token can be minted, with the fix from the error', async () => {
    const details = { code: 'X', fix: 'allow it' };
    probe.failNext(new StalledError('minting: access denied (HTTP 400)', details));

    const checks = await examine('{}');

    expect(summaryOf(checks).slice(1)).toEqual([
      'failed token default (eu-west-1)',
      'ok clock AWS',
    ]);
    expect(checks[1]).toMatchObject({
      message: 'minting: access denied (HTTP 400)',
      fix: 'allow it',
    });
  });

  it('warns about an expiry that is not believed', async () => {
    probe.expiryTrusted = false;

    const checks = await examine('{}');

    expect(checks[1]).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('treated as valid for 1 h 0 min'),
    });
  });

  it('waits for an answer no longer than a mint may take', async () => {
    probe.hang();
    const examined = examine('{}');
    await clock.advance(10_000);

    expect((await examined)[1]).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no response in time'),
      // An error without a fix of its own gets this one.
      fix: expect.stringContaining('credentials of this profile'),
    });
    expect(clock.pending).toBe(0);
  });

  it.each([
    [{ kind: 'status', status: 401 }, 'failed', 'HTTP 401'],
    [{ kind: 'status', status: 403 }, 'failed', 'HTTP 403'],
    [{ kind: 'status', status: 302 }, 'warning', 'HTTP 302'],
    [{ kind: 'unreachable', reason: 'ENOTFOUND' }, 'warning', 'no address in DNS'],
    [{ kind: 'unreachable', reason: 'ECONNREFUSED' }, 'warning', "can't be reached from here"],
  ] as const)('rates a registry that answers %j as %s', async (answer, status, message) => {
    probe.registry = () => answer;

    const check = (await examine('{}')).find(({ name }) => name === 'registry');

    expect(check).toMatchObject({
      status,
      message: expect.stringContaining(message),
      fix: expect.any(String),
    });
  });

  it('skips a profile with a fault, and says so', async () => {
    const checks = await examine(
      `profiles: {default: {registries: [${HOST}]}, bad: {registries: [docker.io], ${ALL_NAMESPACES}}}`,
    );
    expect(summaryOf(checks)[0]).toBe('skipped identity bad');
    expect(summaryOf(checks)).toContain(`ok registry ${HOST}`);
  });

  it('compares the clock with the dates of AWS’s answers', async () => {
    probe.offsetMs = -400_000;
    expect(summaryOf(await examine('{}')).at(-1)).toBe('failed clock AWS');
  });

  it('ends as soon as it is interrupted', async () => {
    const reason = new Error('interrupted');
    await expect(examine('{}', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
