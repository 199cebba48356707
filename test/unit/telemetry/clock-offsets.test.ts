import { beforeEach, describe, expect, it } from '@jest/globals';
import { ClockOffsets } from '../../../src/telemetry/clock-offsets.ts';
import { RecordedLog } from '../../support/ports/recorded-log.ts';

describe('ClockOffsets', () => {
  let log: RecordedLog;
  let measured: string[];
  let offsets: ClockOffsets;
  beforeEach(() => {
    log = new RecordedLog();
    measured = [];
    const metrics = {
      clockSeen: (source: string, offsetMs: number) => {
        measured.push(`${source} ${offsetMs}`);
      },
    };
    offsets = new ClockOffsets({ log, metrics });
  });

  it('measures every answer and logs nothing while the clocks agree', () => {
    for (const offsetMs of [0, -500, 59_000, -60_000]) offsets.seen('kubernetes', offsetMs);
    expect(measured).toEqual([
      'kubernetes 0',
      'kubernetes -500',
      'kubernetes 59000',
      'kubernetes -60000',
    ]);
    expect(log.lines).toEqual([]);
  });

  it.each([61_000, -61_000, 86_400_000])('warns once that they disagree, at %i ms', (offsetMs) => {
    for (let n = 0; n < 5; n += 1) offsets.seen('aws', offsetMs);
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'clock is off',
        fields: {
          source: 'aws',
          offsetSeconds: offsetMs / 1000,
          fix: 'fix the time synchronisation of this node',
        },
      },
    ]);
  });

  it('logs when they agree again', () => {
    offsets.seen('aws', 100_000);
    offsets.seen('aws', 1000);
    expect(log.messages('info')).toEqual(['clock is right again']);
    offsets.seen('aws', 100_000);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('keeps the two servers apart', () => {
    offsets.seen('aws', 100_000);
    offsets.seen('kubernetes', 0);
    expect(log.messages('info')).toEqual([]);
    offsets.seen('kubernetes', 100_000);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('does not flood the log if the offset is at the limit: a server’s date has whole seconds', () => {
    for (let n = 0; n < 1000; n += 1) offsets.seen('kubernetes', n % 2 === 0 ? 60_400 : 59_600);
    expect(log.lines).toHaveLength(1);
  });
});
