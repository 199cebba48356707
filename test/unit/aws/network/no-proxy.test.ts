import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseNoProxy } from '../../../../src/aws/network/no-proxy.ts';

describe('parseNoProxy', () => {
  it.each([
    ['example.com', 'example.com', '443', true],
    ['example.com', 'api.example.com', '443', true],
    ['example.com', 'notexample.com', '443', false],
    ['example.com', 'example.com.evil.io', '443', false],
    ['.example.com', 'api.example.com', '443', true],
    ['.example.com', 'example.com', '443', false],
    ['*.example.com', 'a.b.example.com', '443', true],
    ['Example.COM', 'API.example.com', '443', true],
    ['example.com:8443', 'example.com', '8443', true],
    ['example.com:8443', 'example.com', '443', false],
    ['10.0.0.0/8', '10.200.3.4', '443', true],
    ['10.0.0.0/8', '11.0.0.1', '443', false],
    ['10.0.0.0/8', 'ten.example.com', '443', false],
    ['10.0.0.0/33', '10.0.0.0', '443', false],
    ['10.0.0.0/40', '10.0.0.1', '443', false],
    ['10.0.0.0/99', '10.0.0.1', '443', false],
    ['10.0.0.1/32', '10.0.0.1', '443', true],
    ['10.0.0.1/32', '10.0.0.2', '443', false],
    ['0.0.0.0/0', '10.0.0.1', '443', true],
    ['fd00::1/128', '[fd00::1]', '443', true],
    ['fd00::/129', '[fd00::1]', '443', false],
    ['fd00::/8', '[fd00:ec2::254]', '80', true],
    ['fd00:ec2::254', '[fd00:0ec2:0::254]', '80', true],
    ['[fd00:ec2::254]:80', 'fd00:ec2::254', '80', true],
    ['[fd00:ec2::254]:80', 'fd00:ec2::254', '443', false],
    ['192.168.1.1', '192.168.1.1', '443', true],
    ['192.168.1.1', '192.168.1.10', '443', false],
    ['.svc, .cluster.local amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com', '443', true],
    ['.svc,.cluster.local', 'api.ecr.eu-west-1.amazonaws.com', '443', false],
    ['*', 'anything.example', '443', true],
    ['', 'localhost', '443', true],
    ['', '127.0.0.1', '443', true],
    ['', '127.9.9.9', '443', true],
    ['', '[::1]', '443', true],
    ['', '127.0.0.1.evil.io', '443', false],
    ['', '128.0.0.1', '443', false],
    [',, ,', 'example.com', '443', false],
  ])('returns for %j and %s:%s: %p', (text, host, port, isExempt) => {
    expect(parseNoProxy(text)(host, port)).toBe(isExempt);
  });

  it('accepts any text for any host without an exception', () => {
    const unit = fc.constantFrom(...'a . * : / [ ] 0 1 2 9 , f F -'.split(' '), ' ');
    fc.assert(
      fc.property(fc.string({ unit }), fc.string({ unit }), (text, host) => {
        expect(typeof parseNoProxy(text)(host, '443')).toBe('boolean');
      }),
    );
  });
});
