import { describe, expect, it } from '@jest/globals';
import { StalledError } from '../../../../src/domain/errors.ts';
import { parseListenAddress } from '../../../../src/telemetry/http/listen-address.ts';

describe('parseListenAddress', () => {
  it.each([
    [':8080', undefined, 8080],
    ['localhost:8081', 'localhost', 8081],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ])('reads %s', (text, host, port) => {
    expect(parseListenAddress('--listen', text)).toEqual({ host, port });
  });

  it.each([
    '',
    '8080',
    ':',
    ':65536',
    ':-1',
    '::1:8080',
    'http://x:80',
    'a b:80',
    ':80\n',
    '[::1]',
    ':8 0',
  ])('refuses %j and says what is allowed', (text) => {
    expect(() => parseListenAddress('--listen', text)).toThrow(StalledError);
    expect(() => parseListenAddress('--listen', text)).toThrow(/^--listen .*\[HOST\]:PORT/);
  });
});
