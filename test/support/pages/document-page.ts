/** Reads one of our Markdown pages for tests: its sections, and their tables and examples. */
import { readFileSync } from 'node:fs';

export class DocumentPage {
  readonly text: string;

  /** `name`: a path within `docs`, for example `reference/cli.md`. */
  constructor(name: string) {
    this.text = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  }

  /** The text under a heading, up to the next one of the same or a higher level. */
  section(title: string): string {
    const [, level, after = ''] =
      new RegExp(`^(#+) ${title}$([\\s\\S]*)`, 'm').exec(this.text) ?? [];
    if (level === undefined) throw new Error(`no section ${title}`);
    return after.split(new RegExp(`^#{1,${level.length}} `, 'm'))[0] ?? '';
  }

  /** The cells of all table rows in the section whose first cell is code. */
  rows(title: string): readonly (readonly string[])[] {
    return this.section(title)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll('\\|', '|')),
      );
  }

  /** The first cell of each row, without its backticks. */
  firstCells(title: string): readonly string[] {
    return this.rows(title).map(([first = '']) => unquoted(first));
  }

  /** The headings in the section that consist of one piece of code, without their backticks. */
  codeHeadings(title: string): readonly string[] {
    const headings = this.section(title).matchAll(/^#+ `([^`]+)`$/gm);
    return [...headings].map(([, name = '']) => name);
  }

  /** The code blocks in a section. */
  examples(title: string, language: string): readonly string[] {
    return blocksIn(this.section(title), language);
  }
}

/** The code blocks in a page or in a part of it. */
export function blocksIn(text: string, language: string): readonly string[] {
  const blocks = text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'));
  return [...blocks].map(([, block = '']) => block);
}

export function unquoted(cell: string): string {
  return cell.replaceAll('`', '');
}

/** All texts in backticks. */
export function quotedIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, inside = '']) => inside);
}
