/** Prints the demo for people, and counts the promises kept and broken. */
import { styleText } from 'node:util';
import { renderError } from '../../src/domain/errors.ts';

type Style = Parameters<typeof styleText>[0];

export interface Audience {
  /** Gets colours, and a progress line that is updated in place, only if it is a terminal that supports them. */
  readonly stream: NodeJS.WriteStream;
}

const CLEAR_LINE = '\r\u001b[2K';

export class Narrator {
  readonly #stream: NodeJS.WriteStream;
  #acts = 0;
  #kept = 0;
  #broken = 0;
  #hasProgress = false;

  constructor({ stream }: Audience) {
    this.#stream = stream;
  }

  get kept(): number {
    return this.#kept;
  }

  get broken(): number {
    return this.#broken;
  }

  /** Whether a person watches it as it happens. */
  get isWatched(): boolean {
    return this.#stream.isTTY;
  }

  title(text: string): void {
    this.#line(this.#styled('bold', text));
  }

  /** `at`: the time in the story. */
  act(text: string, at: string): void {
    this.#acts += 1;
    const head = `${this.#acts}  ${text}`.padEnd(58);
    this.#line(`\n${this.#styled('bold', head)} ${this.#styled('dim', at)}`);
  }

  note(text: string): void {
    this.#line(this.#styled('dim', `   ${text}`));
  }

  /** What a person would type; further lines are indented. */
  command(text: string): void {
    for (const [index, line] of text.split('\n').entries()) {
      this.#line(`   ${this.#styled('cyan', index === 0 ? `$ ${line}` : `    ${line}`)}`);
    }
  }

  /** Lines of the controller's log, if something went wrong. */
  log(lines: readonly string[]): void {
    for (const line of lines) this.#line(this.#styled('dim', `   | ${line}`));
  }

  /** A line that the next one overwrites. Prints nothing unless a person watches. */
  progress(text: string): void {
    if (!this.isWatched) return;
    this.#hasProgress = true;
    this.#stream.write(`${CLEAR_LINE}${this.#styled('dim', `   ${text}`)}`);
  }

  table(rows: readonly (readonly string[])[]): void {
    const widths = rows.reduce<readonly number[]>(
      (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
      [],
    );
    for (const [index, row] of rows.entries()) {
      const text = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
      this.#line(`     ${index === 0 ? this.#styled('dim', text.trimEnd()) : text.trimEnd()}`);
    }
  }

  /** `keep` returns a detail, or throws if the promise is broken. Never throws itself. */
  async promise(text: string, keep: () => string | Promise<string>): Promise<void> {
    try {
      const detail = await keep();
      this.#kept += 1;
      const tail = detail === '' ? '' : this.#styled('dim', ` (${detail})`);
      this.#line(`   ${this.#styled('green', '✓')} ${text}${tail}`);
    } catch (error) {
      this.brokenBy(text, error);
    }
  }

  /** Counts as a broken promise. */
  brokenBy(text: string, error: unknown): void {
    this.#broken += 1;
    this.#line(`   ${this.#styled('red', '✗')} ${text}: ${renderError(error)}`);
  }

  #styled(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }

  #line(text: string): void {
    const clear = this.#hasProgress ? CLEAR_LINE : '';
    this.#hasProgress = false;
    this.#stream.write(`${clear}${text}\n`);
  }
}
