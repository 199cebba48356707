import { describe, expect, it } from '@jest/globals';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import * as v8 from 'node:v8';
import { pino } from 'pino';
import { SecretText } from '../../../src/domain/secret-text.ts';

const CANARY = 'canary-of-a-token';
const secret = new SecretText(CANARY);
const all = { depth: 20, showHidden: true, showProxy: true } as const;

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** The secret in every kind of container that ends up in a log. */
const holders: Readonly<Record<string, unknown>> = {
  itself: secret,
  object: { secret },
  array: [[secret]],
  map: new Map<unknown, unknown>([
    ['value', secret],
    [secret, 'key'],
  ]),
  set: new Set([secret]),
  proxy: new Proxy({ secret }, {}),
  error: Object.assign(new Error('broken', { cause: secret }), { secret }),
  aggregate: new AggregateError([Object.assign(new Error('inner'), { secret })]),
  subclass: new (class extends SecretText {})(CANARY),
};

describe('SecretText', () => {
  it('reveals its value only on request', () => {
    expect(secret.reveal()).toBe(CANARY);
  });

  it('is redacted as text', () => {
    const primitive = (secret as { [Symbol.toPrimitive]?: () => string })[Symbol.toPrimitive]?.();

    expect([
      String(secret),
      secret.toString(),
      primitive,
      [secret].join(),
      'a'.concat(String(secret)),
    ]).toEqual(['[redacted]', '[redacted]', '[redacted]', '[redacted]', 'a[redacted]']);
  });

  describe.each(Object.entries(holders))('in %s', (_name, holder) => {
    it('is not shown by inspect', () => {
      for (const options of [
        {},
        all,
        { ...all, getters: true, compact: false },
        { ...all, customInspect: false },
      ]) {
        expect(inspect(holder, options)).not.toContain(CANARY);
      }
    });

    it('is not shown by format', () => {
      expect(
        format('%s %o %j %O %d %i', holder, holder, holder, holder, holder, holder),
      ).not.toContain(CANARY);
    });

    it('is not shown by the console', () => {
      const sink = new Sink();
      const printer = new Console(sink, sink);
      printer.log(holder);
      printer.dir(holder, all);
      printer.table([holder]);
      printer.error('%o', holder);

      expect(sink.text).not.toBe('');
      expect(sink.text).not.toContain(CANARY);
    });

    it('is not in JSON', () => {
      expect(JSON.stringify({ holder })).not.toContain(CANARY);
    });

    it('is not logged by pino', () => {
      const sink = new Sink();
      const log = pino({ level: 'trace' }, sink);
      log.info({ holder, err: holder }, 'message');
      log.info('message %o', holder as object);
      log.error(holder);

      expect(sink.text).not.toBe('');
      expect(sink.text).not.toContain(CANARY);
    });
  });

  it('does not survive a clone or a serializer', () => {
    expect(inspect(structuredClone({ secret }), all)).not.toContain(CANARY);
    expect(v8.serialize({ secret }).toString('latin1')).not.toContain(CANARY);
  });

  it('has no property that could be enumerated or reflected on', () => {
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect(Object.assign({}, secret)).toEqual({});
    expect(Object.entries(Object.getOwnPropertyDescriptors(secret))).toEqual([]);
  });
});
