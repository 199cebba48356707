import { describe, expect, it } from '@jest/globals';
import { checkServer, checkNoServer } from '../../../src/doctor/check-server.ts';
import { StalledError, TransientError } from '../../../src/domain/errors.ts';

const address = 'https://cluster.example';
const answered = <T>(value: T) => ({ kind: 'answered', value }) as const;
const version = (text: string, minor: number) => answered({ text, major: 1, minor });
const OURS = answered('system:serviceaccount:a:b');

describe('checkServer', () => {
  it('names the version and the user of a suitable server', () => {
    const checks = checkServer({ address, version: version('v1.36.3', 36), user: OURS });
    expect(checks).toEqual([
      { name: 'api-server', subject: address, status: 'ok', message: 'v1.36.3' },
      { name: 'api-server', subject: 'user', status: 'ok', message: 'system:serviceaccount:a:b' },
    ]);
  });

  it.each([
    ['v1.30.0', 30, 'ok'],
    ['v1.29.14', 29, 'warning'],
  ])('rates %s', (text, minor, status) => {
    const [check] = checkServer({ address, version: version(text, minor), user: OURS });
    expect(check).toMatchObject({ status, message: expect.stringContaining(text) });
  });

  it('fails on a server that is not an API server', () => {
    const [check] = checkServer({ address, version: answered(undefined), user: OURS });
    expect(check).toMatchObject({ status: 'failed', fix: expect.stringContaining('address') });
  });

  it.each([
    ['API_UNAUTHORIZED', 'does not accept these credentials'],
    ['API_UNREACHABLE', 'check the address and the CA'],
    ['API_TIMEOUT', 'proxy-url'],
    ['API_SERVER_ERROR', 'the API server is up'],
  ])('fails on %s with its fix, and stops there', (code, fix) => {
    const failed = { kind: 'failed', error: new TransientError('calling', { code }) } as const;
    expect(checkServer({ address, version: failed, user: failed })).toEqual([
      {
        name: 'api-server',
        subject: address,
        status: 'failed',
        message: 'calling',
        fix: expect.stringContaining(fix),
      },
    ]);
  });

  it('says plainly that the permissions are those of a person', () => {
    const checks = checkServer({
      address,
      version: version('v1.36.3', 36),
      user: answered('jane'),
    });
    expect(checks[1]).toMatchObject({
      status: 'info',
      message: expect.stringMatching(/^jane.*the permissions below are yours/),
    });
  });

  it('leaves the user out if the server does not return one', () => {
    const parts = { address, version: version('v1.36.3', 36) };
    const failed = { kind: 'failed', error: new Error('refused') } as const;
    expect(checkServer({ ...parts, user: answered(undefined) })[1]?.status).toBe('skipped');
    expect(checkServer({ ...parts, user: failed })[1]?.status).toBe('skipped');
  });
});

describe('checkNoServer', () => {
  it('fails with the text of the error', () => {
    const details = { code: 'KUBECONFIG_UNREADABLE', fix: 'name one' };
    expect(checkNoServer(new StalledError('no kubeconfig', details))).toMatchObject({
      status: 'failed',
      message: 'no kubeconfig',
      fix: 'name one',
    });
  });
});
