/** Tells the demo to people, and keeps count of the promises. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export interface Audience {
  /** Colours only where this is a terminal that wants them. */
  readonly stream: NodeJS.WriteStream;
}

export class Narrator {
  readonly #stream: NodeJS.WriteStream;
  #acts = 0;
  #kept = 0;
  #broken = 0;

  constructor({ stream }: Audience) {
    this.#stream = stream;
  }

  get kept(): number {
    return this.#kept;
  }

  get broken(): number {
    return this.#broken;
  }

  title(text: string): void {
    this.#line(this.#styled('bold', text));
  }

  act(text: string): void {
    this.#acts += 1;
    this.#line(`\n${this.#styled('bold', `${this.#acts}  ${text}`)}`);
  }

  note(text: string): void {
    this.#line(this.#styled('dim', `   ${text}`));
  }

  /** What a person would type. */
  command(text: string): void {
    this.#line(`   ${this.#styled('cyan', `$ ${text}`)}`);
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

  /** `keep` answers with a detail, or throws where the promise is not kept. Never throws itself. */
  async promise(text: string, keep: () => Promise<string>): Promise<void> {
    try {
      const detail = await keep();
      this.#kept += 1;
      const tail = detail === '' ? '' : this.#styled('dim', ` (${detail})`);
      this.#line(`   ${this.#styled('green', '✓')} ${text}${tail}`);
    } catch (error) {
      this.#broken += 1;
      this.#line(`   ${this.#styled('red', '✗')} ${text}: ${messageOf(error)}`);
    }
  }

  #styled(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }

  #line(text: string): void {
    this.#stream.write(`${text}\n`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
