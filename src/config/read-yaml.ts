/** Turns the text of the file into plain data. Whatever the text is, it costs bounded time and throws nothing. */
import { LineCounter, parseDocument } from 'yaml';
import type { Fault } from './fault.ts';

export type YamlResult =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** Thousands of profiles fit; a ConfigMap holds 1 MiB. */
const MAX_LENGTH = 512 * 1024;
/** How many values aliases may add up to: enough for shared blocks, too few for a bomb. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 10;

/** An empty text gives `null`. A key that stands twice is a fault: one of the two would be lost in silence. */
export function readYaml(text: string): YamlResult {
  if (text.length > MAX_LENGTH) return invalid(`the file is longer than ${MAX_LENGTH} characters`);
  const lines = new LineCounter();
  try {
    // Pretty errors quote the line each, which is quadratic where a long line has thousands of faults.
    const options = { prettyErrors: false, logLevel: 'error', lineCounter: lines } as const;
    const document = parseDocument(text, options);
    const problems = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
    if (problems.length === 0) {
      return { kind: 'ok', value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
    }
    return invalid(...problems.map(({ message, pos }) => `${message} (${lineOf(lines, pos[0])})`));
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'it can not be read');
  }
}

function lineOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function invalid(...reasons: readonly string[]): YamlResult {
  const faults = reasons.map((reason) => ({
    path: '',
    message: `this is not the YAML of a configuration: ${reason}`,
  }));
  return { kind: 'invalid', faults };
}
