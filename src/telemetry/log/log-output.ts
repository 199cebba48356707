/** Where the lines of the log go. A reader that stops reading must not stop the process with it: it loses lines. */
import { writeSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

/** How much is kept for a reader that has stopped, in characters. */
const MOST_KEPT = 1024 * 1024;
/** One write per line would be the most expensive part under load: each one wakes the reader. */
const WRITE_WITHIN_MS = 10;
const RETRY_MS = 100;
/** What is left when the process ends gets half a second. */
const LAST_TRIES = 100;
const LAST_TRY_EVERY_MS = 5;
const LINE_BREAK = 0x0a;

/** Returns how many bytes were taken, which may be none; throws if none will be taken any more. Never waits. */
type Write = (bytes: Uint8Array) => number;

export class LogOutput {
  readonly #write: Write;
  readonly #clock: Clock;
  #pending = '';
  /** What the reader has not taken yet of earlier lines. */
  #begun: Buffer = Buffer.alloc(0);
  #isScheduled = false;
  #lost = 0;
  #reportedLost = 0;
  #log: Log | undefined;

  constructor(write: Write, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** So far, because nobody read them. */
  get lostLines(): number {
    return this.#lost;
  }

  /** The log whose lines these are: it gets one more when the reader is back and has lost some. */
  reportLossTo(log: Log): void {
    this.#log = log;
  }

  /** Written within a few milliseconds, together with others. `line` ends with a line break. */
  add(line: string): void {
    if (this.#begun.length + this.#pending.length + line.length > MOST_KEPT) {
      this.#lost += 1;
      return;
    }
    this.#pending += line;
    this.#schedule(WRITE_WITHIN_MS);
  }

  /** Writes what is left, for at most half a second, before the process ends. */
  end(): void {
    for (let tries = 0; tries < LAST_TRIES && !this.#flush(); tries += 1) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_TRY_EVERY_MS);
    }
  }

  #schedule(delayMs: number): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.after(delayMs, () => {
      this.#isScheduled = false;
      if (!this.#flush()) this.#schedule(RETRY_MS);
    });
  }

  /** Returns whether nothing is left. */
  #flush(): boolean {
    for (;;) {
      if (this.#begun.length === 0) {
        this.#begun = Buffer.from(this.#pending);
        this.#pending = '';
      }
      if (this.#begun.length === 0) return true;
      try {
        this.#begun = this.#begun.subarray(this.#write(this.#begun));
      } catch {
        this.#lost += this.#begun.filter((byte) => byte === LINE_BREAK).length;
        this.#begun = this.#begun.subarray(this.#begun.length);
        continue;
      }
      if (this.#begun.length > 0) return false;
      this.#reportLoss();
    }
  }

  #reportLoss(): void {
    const lines = this.#lost - this.#reportedLost;
    const log = this.#log;
    if (lines === 0 || log === undefined) return;
    this.#reportedLost = this.#lost;
    log.warn({ lines }, 'lines of the log were lost, because nobody read them');
  }
}

/** Standard output. Call it once for a process. */
export function openStandardOutput(clock: Clock): LogOutput {
  const output = new LogOutput(writeToStandardOutput, clock);
  process.on('exit', () => output.end());
  // Node makes a pipe non-blocking when it opens the stream; a file or a terminal may block.
  process.stdout.on('error', () => undefined);
  return output;
}

function writeToStandardOutput(bytes: Uint8Array): number {
  try {
    return writeSync(process.stdout.fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
