/** Parses the YAML of the file into plain data. Whatever the text is, the cost is bounded, and nothing is thrown. */
import { LineCounter, parseDocument } from 'yaml';
import type { Fault } from './fault.ts';

export type YamlResult =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** Room for thousands of profiles; a ConfigMap holds at most 1 MiB. */
const MAX_LENGTH = 512 * 1024;
/** How many values aliases may add: enough for shared blocks, too few for an alias bomb. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 10;

/** An empty text yields `null`. A duplicate key is a fault: one of its two values would be lost silently. */
export function readYaml(text: string): YamlResult {
  if (text.length > MAX_LENGTH) return invalid(`it is longer than ${MAX_LENGTH} characters`);
  const lines = new LineCounter();
  try {
    // Each pretty error quotes its line, which is quadratic if a long line has thousands of faults.
    const options = { prettyErrors: false, logLevel: 'error', lineCounter: lines } as const;
    const document = parseDocument(text, options);
    const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
    if (faults.length === 0) {
      return { kind: 'ok', value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
    }
    return invalid(...faults.map(({ message, pos }) => `${message} (${lineOf(lines, pos[0])})`));
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'it cannot be parsed');
  }
}

function lineOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function invalid(...reasons: readonly string[]): YamlResult {
  const faults = reasons.map((reason) => ({
    path: '',
    message: `the file cannot be read as YAML: ${reason}`,
  }));
  return { kind: 'invalid', faults };
}
