import { describe, expect, it } from '@jest/globals';
import { configHash, identityHash } from '../../../../src/domain/token/hashes.ts';

// These literals are in annotations on clusters: a change here rewrites every Secret everywhere.
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
