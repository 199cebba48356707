import { describe, expect, it } from '@jest/globals';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { type LogOptions, createLog } from '../../../../src/telemetry/log/logger.ts';

function open(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    base: { instance: 'default' },
    write: (line) => void lines.push(line),
    ...options,
  });
  return { log, lines, records: () => lines.map((line): unknown => JSON.parse(line)) };
}

describe('createLog', () => {
  it('writes one JSON object per line, with time, level, base fields and fields', () => {
    const { log, lines, records } = open();

    log.info({ namespace: 'team-a', expiresAt: new Date('2026-01-01T00:00:00Z') }, 'token minted');

    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(records()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'info',
        instance: 'default',
        namespace: 'team-a',
        expiresAt: '2026-01-01T00:00:00.000Z',
        msg: 'token minted',
      },
    ]);
  });

  it('leaves out messages below its level', () => {
    const { log, records } = open({ level: 'warn' });

    log.debug({}, 'one');
    log.info({}, 'two');
    log.warn({}, 'three');
    log.error({}, 'four');

    expect(records()).toMatchObject([{ msg: 'three' }, { msg: 'four' }]);
  });

  it('prints errors by a few properties, whatever field they are in', () => {
    const { log, lines, records } = open();
    const err = Object.assign(new Error('no'), { $response: { body: 'canary' }, code: 'E' });

    log.warn({ err, problem: err }, 'it failed');

    const fields = { type: 'Error', message: 'no', code: 'E', stack: expect.any(String) };
    expect(records()).toMatchObject([{ err: fields, problem: fields }]);
    expect(lines.join('')).not.toContain('canary');
  });

  it.each(['json', 'pretty'] as const)('never prints a token, as %s', (format) => {
    const { log, lines } = open({ format });
    const authorization = Buffer.from(`AWS:${'canary'.repeat(20)}`).toString('base64');
    const password = Buffer.from('{"payload":"canary canary canary"}').toString('base64');

    log.info({ secret: new SecretText('canary'), deep: { is: new SecretText('canary') } }, 'one');
    log.info({ text: `the answer was ${authorization}!`, err: new Error(password) }, 'two');
    log.info({ auth: 'canary', answer: { authorizationToken: 'canary' } }, 'three');
    log.info({ headers: { authorization: 'canary', 'x-amz-security-token': 'canary' } }, 'four');
    log.info({}, `never do this ${authorization}`);

    const output = lines.join('');
    expect(lines).toHaveLength(5);
    expect(output).not.toContain('canary');
    expect(output).not.toContain(authorization);
    expect(output).not.toContain(password);
    expect(output).toContain('the answer was [redacted]!');
  });

  it('leaves out an error that is undefined', () => {
    const { log, records } = open();

    log.info({ err: undefined, resource: 'secrets' }, 'watch ended');

    expect(records()).toEqual([expect.not.objectContaining({ err: expect.anything() })]);
  });

  it('prints plain lines for people, one for each record, whatever it contains', () => {
    const { log, lines } = open({ format: 'pretty', base: {} });

    log.info({ namespace: 'team-a', reason: 'two words\nand a line', count: 3 }, 'secret written');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}secret written namespace=team-a reason="two words\\nand a line" count=3\n$/,
    );
  });
});
