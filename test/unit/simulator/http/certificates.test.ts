import { describe, expect, it } from '@jest/globals';
import { createSecureContext } from 'node:tls';
import { newAuthority } from '../../../../simulator/http/certificates.ts';

describe('newAuthority', () => {
  it('issues certificates that OpenSSL reads, whatever their length', () => {
    const authority = newAuthority('ca');

    // 48 bytes make a line; OpenSSL rejected an encoding that filled its last line.
    for (let length = 1; length <= 48; length++) {
      const { certPem, keyPem } = authority.issue('x'.repeat(length));
      expect(() => createSecureContext({ cert: certPem, key: keyPem })).not.toThrow();
    }
  });
});
