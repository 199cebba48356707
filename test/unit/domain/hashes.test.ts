import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalJson, configHash, identityHash } from '../../../src/domain/hashes.ts';

describe('canonicalJson', () => {
  it('sorts the keys of every object and nothing else', () => {
    const value = { b: [3, 1, { z: null, a: 'ä"' }], a: { d: true, c: 1.5 }, A: undefined };

    expect(canonicalJson(value)).toBe('{"a":{"c":1.5,"d":true},"b":[3,1,{"a":"ä\\"","z":null}]}');
  });

  it('gives JSON that says the same as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());

        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it('keeps a key called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__": 1}'))).toBe('{"__proto__":1}');
  });
});

// The literals are what stands in annotations of clusters: a change here rewrites every Secret everywhere.
describe('identityHash', () => {
  it('is pinned without a role', () => {
    const hash = identityHash({ source: 'auto', region: 'eu-west-1' });

    expect(hash).toBe('4338f576b08317b6b2782050d5087a46a1cac96dfbfabc7745bfbf9fdc5e3438');
    expect(identityHash({ source: 'auto', assumeRole: undefined, region: 'eu-west-1' })).toBe(hash);
  });

  it('is pinned with a role', () => {
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/pull', externalId: 'x' };

    expect(identityHash({ source: 'webIdentity', assumeRole, region: 'us-east-1' })).toBe(
      '61ed7b300af7991bf0d83e7f2c84ee9ccd66853675ac6dc0f431e5b9fb1a0eb4',
    );
  });
});

describe('configHash', () => {
  it('is pinned for the implied profile', () => {
    expect(configHash({ default: {} })).toBe(
      'caca2d9b25907391acdeadacf5dbe1cab8e7f5086df7fbb81dd06c686535ac31',
    );
  });

  it('is pinned for profiles as written, whatever the order', () => {
    const teamA = {
      registries: ['123456789012.dkr.ecr.eu-west-1.amazonaws.com'],
      allowedNamespaces: { names: ['team-*'] },
    };
    const shared = { allowedNamespaces: { names: ['*'] }, registries: ['public.ecr.aws'] };

    expect(configHash({ shared, 'team-a': teamA })).toBe(
      'e58325df7c48b470ec269874e6375adc6f409be6896b8924506799b8152f084b',
    );
    expect(configHash({ 'team-a': teamA, shared })).toBe(
      'e58325df7c48b470ec269874e6375adc6f409be6896b8924506799b8152f084b',
    );
  });
});
