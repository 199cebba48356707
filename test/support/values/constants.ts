/** The numbers that stand at the top of a source file, private ones too: none is exported only to be compared by a test. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DECLARATION = /^(?:export )?const (\w+)(?:: \w+)? = ([^;]+);/gm;

/** Gives each by its name, and a number inside an object as `LIMITS.longestMs`. Throws where there is none of that name. */
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
    if (value === undefined) throw new Error(`looking for the number ${name}: not in ${path}`);
    return value;
  };
}

/** Of numbers and of names that stand before it. */
function productOf(text: string, known: ReadonlyMap<string, number>): number | undefined {
  let product = 1;
  for (const factor of text.split('*').map((part) => part.trim())) {
    const value = /^[\d_.]+$/.test(factor) ? Number(factor.replaceAll('_', '')) : known.get(factor);
    if (value === undefined) return undefined;
    product *= value;
  }
  return product;
}
