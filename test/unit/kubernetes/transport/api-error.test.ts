import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { TransientError } from '../../../../src/domain/errors.ts';
import {
  ApiError,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isTooLargeResourceVersion,
} from '../../../../src/kubernetes/transport/api-error.ts';
import { statusOf } from '../../../support/ports/scripted-wire.ts';

const call = 'PATCH /api/v1/namespaces/a/secrets/s';

function errorOf(code: number, reason: string, more = {}): ApiError {
  return new ApiError({ call, status: code, answer: statusOf(code, reason, more) });
}

describe('ApiError', () => {
  it('says what was called and what the server answered', () => {
    const error = errorOf(404, 'NotFound', { message: 'secrets "s" not found' });

    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toBe(`calling ${call}: 404 NotFound: secrets "s" not found`);
    expect(error).toMatchObject({ code: 'API_NOT_FOUND', status: 404, reason: 'NotFound' });
  });

  it('keeps the causes', () => {
    const cause = { field: '.data', reason: 'FieldManagerConflict', message: 'conflict with "x"' };

    expect(errorOf(409, 'Conflict', { causes: [cause, 'junk', null] }).causes).toEqual([
      cause,
      { field: '', reason: '', message: '' },
      { field: '', reason: '', message: '' },
    ]);
  });

  it('shortens the server’s message and keeps it on one line', () => {
    const { serverMessage } = errorOf(422, 'Invalid', {
      message: 'bad\n\u0000 word '.repeat(1000),
    });

    expect(serverMessage.length).toBe(1024);
    expect(serverMessage).toMatch(/^bad word bad word .*…$/);
  });

  it('contains no token that a webhook quotes', () => {
    const token = Buffer.from(`AWS:${'k3y'.repeat(500)}`).toString('base64');
    const message = `denied: {"auth":"${token}"}`;
    const causes = [{ reason: 'x', field: 'y', message }];

    const error = errorOf(403, 'Forbidden', { message, causes });

    const shown = JSON.stringify([error.message, error.serverMessage, error.causes]);
    expect(shown).toContain('denied: {\\"auth\\":\\"[redacted]');
    expect(shown).not.toContain(token.slice(0, 20));
  });

  it('contains no token wherever a long message is cut', () => {
    const token = 'Ab9/'.repeat(1000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), (length) => {
        const message = `${'words '.repeat(length / 6)}${token}`;

        expect(errorOf(422, 'Invalid', { message }).message).not.toContain('Ab9/Ab9/');
      }),
    );
  });

  it('accepts any answer', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        const error = new ApiError({ call, status: 502, answer });

        expect(error).toMatchObject({ status: 502, code: 'API_SERVER_ERROR' });
        expect(error.message.length).toBeLessThan(1400);
      }),
    );
  });

  it('shows a proxy’s answer instead of a Status', () => {
    const error = new ApiError({ call, status: 502, answer: '<h1>Bad Gateway</h1>' });

    expect(error.message).toBe(`calling ${call}: 502: <h1>Bad Gateway</h1>`);
  });

  it('is distinguished by predicates', () => {
    const terminating = {
      causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }],
    };

    expect(isNotFound(errorOf(404, 'NotFound'))).toBe(true);
    expect(isConflict(errorOf(409, 'AlreadyExists'))).toBe(true);
    expect(isInvalid(errorOf(422, 'Invalid'))).toBe(true);
    expect(isForbidden(errorOf(403, 'Forbidden'))).toBe(true);
    expect(isGone(errorOf(410, 'Gone'))).toBe(true);
    expect(isGone(errorOf(500, 'Expired'))).toBe(true);
    expect(isGone(errorOf(404, 'NotFound'))).toBe(false);
    expect(isNamespaceTerminating(errorOf(403, 'Forbidden'))).toBe(false);
    expect(isNamespaceTerminating(errorOf(403, 'Forbidden', terminating))).toBe(true);
    expect(isNotFound(new Error('404'))).toBe(false);
  });

  it('recognizes a resourceVersion that the server has not reached, by cause or by text', () => {
    const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' };
    const text = { message: 'Timeout: Too large resource version: 9, current: 5' };

    expect(isTooLargeResourceVersion(errorOf(504, 'Timeout', { causes: [cause] }))).toBe(true);
    expect(isTooLargeResourceVersion(errorOf(504, 'Timeout', text))).toBe(true);
    expect(isTooLargeResourceVersion(errorOf(504, 'Timeout'))).toBe(false);
  });
});
