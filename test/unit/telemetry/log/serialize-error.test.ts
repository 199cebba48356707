import { describe, expect, it } from '@jest/globals';
import { StalledError } from '../../../../src/domain/errors.ts';
import { serializeError } from '../../../../src/telemetry/log/serialize-error.ts';

describe('serializeError', () => {
  it('keeps the code, the message and the chain of causes, and a stack only for unexpected errors', () => {
    const cause = new TypeError('socket hang up', { cause: 'reset' });
    const error = new StalledError('minting failed', { code: 'ECR_ACCESS_DENIED', cause });

    expect(serializeError(error)).toEqual({
      type: 'StalledError',
      code: 'ECR_ACCESS_DENIED',
      message: 'minting failed',
      cause: {
        type: 'TypeError',
        message: 'socket hang up',
        cause: { type: 'string', message: 'reset' },
      },
    });
    expect(serializeError(cause).stack).toContain('TypeError: socket hang up');
  });

  it('keeps the fix of our own errors, and no such field of other errors', () => {
    const details = { code: 'LEASE_FORBIDDEN', fix: 'grant the Role' };

    expect(serializeError(new StalledError('denied', details)).fix).toBe('grant the Role');
    expect(serializeError(Object.assign(new Error('denied'), details)).fix).toBeUndefined();
  });

  it('keeps only the request id of an AWS answer', () => {
    const error = Object.assign(new Error('denied'), {
      $metadata: { requestId: 'abc-123', httpStatusCode: 400 },
      $response: { body: 'canary' },
      request: { headers: { authorization: 'canary' } },
    });

    const fields = serializeError(error);

    expect(fields.awsRequestId).toBe('abc-123');
    expect(JSON.stringify(fields)).not.toContain('canary');
  });

  it('shows the errors inside an AggregateError', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1'), { code: 'ECONNREFUSED' });

    expect(serializeError(new AggregateError([refused])).errors).toEqual([
      { type: 'Error', message: 'connect ECONNREFUSED ::1', code: 'ECONNREFUSED' },
    ]);
  });

  it('terminates, whatever was thrown', () => {
    const circular = new Error('round');
    circular.cause = circular;
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('no');
      },
    });

    expect(JSON.stringify(serializeError(circular)).length).toBeLessThan(10_000);
    expect(serializeError(hostile).type).toBe('unreadable');
    expect(serializeError(undefined)).toEqual({ type: 'undefined', message: 'undefined' });
    expect(serializeError(Object.create(null)).type).toBe('unreadable');
    expect(serializeError(new Error('x'.repeat(100_000))).message.length).toBeLessThan(5000);
  });
});
