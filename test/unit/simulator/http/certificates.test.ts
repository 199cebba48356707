import { describe, expect, it } from '@jest/globals';
import { createSecureContext } from 'node:tls';
import { newAuthority } from '../../../../simulator/http/certificates.ts';

describe('newAuthority', () => {
  it('issues certificates that OpenSSL reads, however long they are', () => {
    const authority = newAuthority('ca');

    // 48 bytes make a line; an encoding that fills its last line was taken for no certificate.
    for (let length = 1; length <= 48; length++) {
      const { certPem, keyPem } = authority.issue('x'.repeat(length));
      expect(() => createSecureContext({ cert: certPem, key: keyPem })).not.toThrow();
    }
  });
});
