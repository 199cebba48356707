/** Reads the numeric constants of a source file, including private ones, so that none is exported only for tests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DECLARATION = /^(?:export )?const (\w+)(?:: \w+)? = ([^;]+);/gm;

/** Returns a lookup by name; a number inside an object is `LIMITS.longestMs`. The lookup throws for an unknown name. */
export function constantsIn(path: string): (name: string) => number {
  const source = readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
  const known = new Map<string, number>();
  const note = (name: string, text: string): void => {
    const value = productOf(text, known);
    if (value !== undefined) known.set(name, value);
  };
  for (const [, name = '', text = ''] of source.matchAll(DECLARATION)) {
    if (!text.startsWith('{')) note(name, text);
    for (const [, key = '', inner = ''] of text.matchAll(/(\w+): ([\w*. ]+)/g)) {
      note(`${name}.${key}`, inner);
    }
  }
  return (name) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`there is no numeric constant ${name} in ${path}`);
    return value;
  };
}

/** The product of numbers and of previously declared names. */
function productOf(text: string, known: ReadonlyMap<string, number>): number | undefined {
  let product = 1;
  for (const factor of text.split('*').map((part) => part.trim())) {
    const value = /^[\d_.]+$/.test(factor) ? Number(factor.replaceAll('_', '')) : known.get(factor);
    if (value === undefined) return undefined;
    product *= value;
  }
  return product;
}
