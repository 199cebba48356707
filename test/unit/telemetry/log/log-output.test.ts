import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { LogOutput } from '../../../../src/telemetry/log/log-output.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';
import { programEnvironment } from '../../../support/process/program-environment.ts';
import { eventually } from '../../../support/suite/eventually.ts';

const SOURCE = join(import.meta.dirname, '../../../../src');
/** Longer than any character that is left of it. */
const LINE = `${'x'.repeat(1023)}\n`;
const MOST_KEPT = 1024;

/** A reader that takes as many bytes as it has room for. */
function open({ room = Infinity } = {}) {
  const reader = { room, isGone: false, writes: 0, text: '' };
  const clock = new VirtualClock();
  const log = new RecordedLog();
  const output = new LogOutput((bytes) => {
    if (reader.isGone) throw new Error('EPIPE');
    const taken = bytes.subarray(0, reader.room);
    reader.room -= taken.length;
    reader.writes += 1;
    reader.text += Buffer.from(taken).toString();
    return taken.length;
  }, clock);
  output.reportLossTo(log);
  return { reader, clock, log, output };
}

function addMany(output: LogOutput, count: number): void {
  for (let n = 0; n < count; n += 1) output.add(LINE);
}

describe('LogOutput', () => {
  it('writes lines together, within a few milliseconds', async () => {
    const { reader, clock, output } = open();

    output.add('one\n');
    output.add('two\n');
    await clock.advance(10);

    expect(reader).toMatchObject({ text: 'one\ntwo\n', writes: 1 });
    expect(clock.pending).toBe(0);
  });

  it('goes on in the middle of a line when a slow reader has room again', async () => {
    const { reader, clock, output } = open({ room: 5 });
    output.add('one\n');
    output.add('two\n');
    await clock.advance(10);
    expect(reader.text).toBe('one\nt');

    reader.room = Infinity;
    output.add('three\n');
    await clock.advance(100);

    expect(reader.text).toBe('one\ntwo\nthree\n');
    expect(output.lostLines).toBe(0);
  });

  it('keeps 1 MiB for a reader that has stopped, loses the rest, and reports it once the reader is back', async () => {
    const { reader, clock, log, output } = open({ room: 0 });
    addMany(output, MOST_KEPT + 7);
    await clock.advance(60_000);
    addMany(output, 2);
    expect(output.lostLines).toBe(9);
    expect(log.lines).toEqual([]);

    reader.room = Infinity;
    await clock.advance(60_000);

    expect(reader.text).toBe(LINE.repeat(MOST_KEPT));
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'lines of the log were lost, because nobody read them',
        fields: { lines: 9 },
      },
    ]);
  });

  it('loses every line after its reader has gone, without reporting that to nobody', async () => {
    const { reader, clock, log, output } = open();
    reader.isGone = true;

    output.add('one\ntwo\n');
    await clock.advance(10);
    output.add('three\n');
    await clock.advance(10);

    expect(output.lostLines).toBe(3);
    expect(log.lines).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('writes what is left at the end', () => {
    const { reader, output } = open();
    output.add('last\n');

    output.end();

    expect(reader.text).toBe('last\n');
  });
});

describe('standard output that nobody reads', () => {
  /** Logs 3 MB, says so when its event loop turns again, and ends after the next byte on its standard input. */
  function start() {
    const program = `
      import { openStandardOutput } from '${SOURCE}/telemetry/log/log-output.ts';
      import { createLog } from '${SOURCE}/telemetry/log/logger.ts';
      import { systemClock } from '${SOURCE}/base/system-clock.ts';
      const output = openStandardOutput(systemClock);
      const write = (line) => output.add(line);
      const log = createLog({ level: 'info', format: 'json', base: {}, write });
      output.reportLossTo(log);
      for (let n = 0; n < 6000; n += 1) log.info({ pad: 'x'.repeat(500) }, 'line');
      setTimeout(() => process.stderr.write('alive'), 50);
      process.stdin.once('data', () => {
        log.info({}, 'last');
        process.exit(0);
      });
    `;
    const flags = ['--no-warnings', '--input-type=module', '--eval', program];
    return spawn(process.execPath, flags, { env: programEnvironment() });
  }

  it('does not stop the process, which reports its losses when somebody reads again', async () => {
    const child = start();
    await once(child.stderr, 'data');

    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    await eventually({ what: 'the report', limitMs: 10_000 }, () =>
      text.includes('lines of the log were lost'),
    );
    child.stdin.write('x');
    const [code] = (await once(child, 'close')) as [number];

    const lines = text.trim().split('\n');
    expect(code).toBe(0);
    expect(lines.at(-1)).toContain('"msg":"last"');
    expect(lines.every((line) => line.startsWith('{') && line.endsWith('}'))).toBe(true);
  });

  it('does not keep the process from ending', async () => {
    const child = start();
    await once(child.stderr, 'data');

    child.stdin.write('x');
    const [code] = (await once(child, 'exit')) as [number];

    expect(code).toBe(0);
    child.stdout.destroy();
  });
});
